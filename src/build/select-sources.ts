import { findClosest } from "../base/text.ts";
import type { Finding } from "../kubefile/diagnostic.ts";
import { expandHeredoc } from "../kubefile/expand.ts";
import type { CopyInstruction, Heredoc, Word } from "../kubefile/instruction.ts";
import type { Span } from "../kubefile/source.ts";
import { expand, lookupIn, type Expansion } from "./apply-variables.ts";
import { parentOf, type FileTree } from "./context/file-tree.ts";
import { findSources, type FoundSource } from "./context/find-sources.ts";
import { hasWildcards } from "./context/wildcards.ts";
import { atPlace, problemAt, type Place } from "./place.ts";
import { isRemote, remoteSource } from "./unsupported.ts";

/** One file or folder that an instruction copies, and the word that named it. */
export interface SelectedSource {
  readonly source: FoundSource;
  readonly span: Span;
}

export interface SelectOptions {
  readonly origin: FileTree;
  readonly expansion: Expansion;
  /** The Kubefile, for findings. */
  readonly place: Place;
}

/**
 * Everything that the words of an instruction name, in their order.
 * @throws {KubefileError} when one is missing; wildcards may match nothing as long as another word names something
 */
export function selectSources(instruction: CopyInstruction, options: SelectOptions): readonly SelectedSource[] {
  const selected = instruction.sources.flatMap((word) => selectWord(instruction, word, options));
  const inline = instruction.heredocs.map((heredoc) => toInline(heredoc, options));
  if (selected.length + inline.length > 0) return [...selected, ...inline];
  throw problemAt(options.place, {
    code: "SOURCE_NOT_FOUND",
    message: `${instruction.kind} has nothing to copy: no file matches`,
    hint: "Correct the pattern; it is matched inside the build context",
  });
}

function selectWord({ kind }: CopyInstruction, word: Word, options: SelectOptions): readonly SelectedSource[] {
  const { origin, expansion } = options;
  const place = { ...options.place, span: word.span };
  const text = atPlace(place, () => expand(word, expansion));
  if (kind === "ADD" && isRemote({ text })) throw problemAt(place, remoteSource(text));
  const found = atPlace(place, () => findSources(origin, text));
  if (found.length === 0 && !hasWildcards(text)) throw problemAt(place, missingSource(origin, text));
  return found.map((source) => ({ source, span: word.span }));
}

function missingSource(origin: FileTree, text: string): Finding {
  const path = text.replace(/^\/+|\/+$/g, "");
  const reason = origin.whyHidden?.(path);
  const place = origin.hostRoot === undefined ? "there" : "in the build context";
  return {
    code: "SOURCE_NOT_FOUND",
    message: reason === undefined ? `"${text}" is not ${place}` : `"${text}" cannot be copied: ${reason}`,
    hint: reason === undefined ? nearName(origin, path) : `Add the line !${path} to that file`,
  };
}

function nearName(origin: FileTree, path: string): string | undefined {
  const parent = parentOf(path) ?? "";
  const closest = findClosest(path.slice(parent === "" ? 0 : parent.length + 1), origin.list(parent));
  return closest === undefined ? undefined : `Did you mean ${parent === "" ? closest : `${parent}/${closest}`}?`;
}

function toInline({ name, content, expands, word }: Heredoc, { expansion, place }: SelectOptions): SelectedSource {
  const { escape, variables } = expansion;
  const text = expands
    ? atPlace({ ...place, span: word.span }, () => expandHeredoc(content, { escape, lookup: lookupIn(variables) }))
    : content;
  const bytes = Buffer.from(text);
  const entry = { mode: 0o644, uid: 0, gid: 0, mtime: 0, size: bytes.byteLength, content: bytes } as const;
  return { source: { name, path: name, entry: { type: "file", ...entry } }, span: word.span };
}
