import type { Context } from "../base/context.ts";
import { findClosest } from "../base/text.ts";
import type { Finding } from "../kubefile/diagnostic.ts";
import { expandHeredoc } from "../kubefile/expand.ts";
import type { CopyInstruction, Heredoc, Word } from "../kubefile/instruction.ts";
import type { Span } from "../kubefile/source.ts";
import { expand, lookupIn, type Expansion } from "./apply-variables.ts";
import { parentOf, type FileTree } from "./context/file-tree.ts";
import { findSources, partsOf, type FoundSource } from "./context/find-sources.ts";
import { hasWildcards } from "./context/wildcards.ts";
import type { CopyFlags } from "./copy-flags.ts";
import { atPlace, problemAt, type Place } from "./place.ts";
import { openRemote } from "./remote/open-remote.ts";
import { parseRemote } from "./remote/remote-reference.ts";
import type { RemoteSources } from "./remote/remote-sources.ts";

/** One file or folder that an instruction copies, and the word that named it. */
export interface SelectedSource {
  /** Where its content is. */
  readonly tree: FileTree;
  readonly source: FoundSource;
  /** With `--parents` the part of its path that it keeps. */
  readonly kept: string | undefined;
  /** It was fetched. */
  readonly isRemote: boolean;
  /** An archive is unpacked unless `--unpack` says otherwise: it is a file of the context. */
  readonly isLocal: boolean;
  readonly span: Span;
}

export interface SelectOptions {
  readonly origin: FileTree;
  readonly flags: CopyFlags;
  readonly expansion: Expansion;
  /** The Kubefile, for findings. */
  readonly place: Place;
  readonly remote: RemoteSources | undefined;
}

/**
 * Everything that the words of an instruction name, in their order.
 * @throws {KubefileError} when one is missing; wildcards may match nothing as long as another word names something
 */
export async function selectSources(
  ctx: Context,
  instruction: CopyInstruction,
  options: SelectOptions,
): Promise<readonly SelectedSource[]> {
  const selected: SelectedSource[] = [];
  for (const word of instruction.sources) selected.push(...(await selectWord(ctx, { instruction, word }, options)));
  selected.push(...instruction.heredocs.map((heredoc) => toInline(heredoc, options)));
  if (selected.length > 0) return selected;
  throw problemAt(options.place, {
    code: "SOURCE_NOT_FOUND",
    message: `${instruction.kind} has nothing to copy: no file matches`,
    hint: "Correct the pattern; it is matched inside the build context",
  });
}

interface SourceWord {
  readonly instruction: CopyInstruction;
  readonly word: Word;
}

async function selectWord(
  ctx: Context,
  { instruction: { kind }, word }: SourceWord,
  { origin, flags, expansion, place: { source }, remote }: SelectOptions,
): Promise<readonly SelectedSource[]> {
  const place = { source, span: word.span };
  const text = atPlace(place, () => expand(word, expansion));
  const reference = kind === "ADD" ? atPlace(place, () => parseRemote(text)) : undefined;
  if (reference) {
    const opened = await openRemote(ctx, { reference, flags, place }, remote);
    return [{ ...opened, kept: undefined, isRemote: true, isLocal: false, span: word.span }];
  }
  const { pattern, outside } = flags.keepsParents ? splitAtPivot(text) : { pattern: text, outside: undefined };
  const found = atPlace(place, () => findSources(origin, pattern, { spansFolders: flags.keepsParents }));
  if (found.length === 0 && !hasWildcards(text)) throw problemAt(place, missingSource(origin, text));
  return found.map((each) => ({
    tree: origin,
    source: each,
    kept: outside === undefined ? undefined : partsOf(each.named).slice(outside).join("/"),
    isRemote: false,
    isLocal: origin.hostRoot !== undefined,
    span: word.span,
  }));
}

/** What stands before `/./` is not kept. @returns also how many parts of a path that is */
function splitAtPivot(text: string): { pattern: string; outside: number } {
  const pivot = text.indexOf("/./");
  if (pivot < 0) return { pattern: text, outside: 0 };
  return { pattern: text, outside: partsOf(text.slice(0, pivot)).length };
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

function toInline(
  { name, content, expands, word }: Heredoc,
  { origin, expansion, place }: SelectOptions,
): SelectedSource {
  const { escape, variables } = expansion;
  const text = expands
    ? atPlace({ ...place, span: word.span }, () => expandHeredoc(content, { escape, lookup: lookupIn(variables) }))
    : content;
  const bytes = Buffer.from(text);
  const entry = { mode: 0o644, uid: 0, gid: 0, mtime: 0, size: bytes.byteLength, content: bytes } as const;
  const source: FoundSource = { name, named: name, path: name, entry: { type: "file", ...entry } };
  return { tree: origin, source, kept: undefined, isRemote: false, isLocal: false, span: word.span };
}
