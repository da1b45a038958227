import { assertNever } from "../base/error.ts";
import type { Escape } from "./logical-line.ts";
import { findLongest, findReplaced, findShortest, type PatternToken } from "./shell-pattern.ts";
import { parseDocument, parseWord, WordError, type Modifier, type Parts } from "./word-parts.ts";

/** The value of a variable; undefined when it is unset. */
export type Lookup = (name: string) => string | undefined;

export interface ExpandOptions {
  readonly lookup: Lookup;
  readonly escape: Escape;
}

/**
 * A word with its variables replaced and its quotes and escapes removed; an unset variable is empty.
 * @throws {WordError} when the word is malformed or a `${name:?}` is not fulfilled.
 */
export function expandWord(word: string, { lookup, escape }: ExpandOptions): string {
  return expandParts(parseWord(word, escape), lookup);
}

/** The content of a heredoc whose name was not quoted. @throws {WordError} */
export function expandHeredoc(content: string, { lookup, escape }: ExpandOptions): string {
  return expandParts(parseDocument(content, escape), lookup);
}

/** Like {@link expandWord}; what variables bring in is then split at its blanks. */
export function expandToWords(word: string, { lookup, escape }: ExpandOptions): string[] {
  let words = [""];
  let isVariable = true;
  for (const part of parseWord(word, escape)) {
    const text = part.kind === "text" ? part.text : expandParts([part], lookup);
    const pieces = part.kind === "variable" && !part.quoted ? text.split(/\s+/) : [text];
    words = [...words.slice(0, -1), `${words.at(-1) ?? ""}${pieces[0] ?? ""}`, ...pieces.slice(1)];
    isVariable &&= part.kind === "variable" && !part.quoted;
  }
  const filled = words.filter((text) => text !== "");
  return filled.length > 0 || isVariable ? filled : [""];
}

function expandParts(parts: Parts, lookup: Lookup): string {
  return parts
    .map((part) => {
      if (part.kind === "text") return part.text;
      const value = lookup(part.name);
      return part.modifier
        ? modify(part.name, value, { modifier: part.modifier, lookup, start: part.start })
        : (value ?? "");
    })
    .join("");
}

interface Modification {
  readonly modifier: Modifier;
  readonly lookup: Lookup;
  readonly start: number;
}

function modify(name: string, value: string | undefined, { modifier, lookup, start }: Modification): string {
  switch (modifier.kind) {
    case "default":
      return isUnset(value, modifier.emptyIsUnset) ? expandParts(modifier.word, lookup) : (value ?? "");
    case "alternative":
      return isUnset(value, modifier.emptyIsUnset) ? "" : expandParts(modifier.word, lookup);
    case "required":
      if (!isUnset(value, modifier.emptyIsUnset)) return value ?? "";
      throw new WordError(`"${name}" must be set: ${expandParts(modifier.word, lookup) || "it is not"}`, start);
    case "prefix":
      return (value ?? "").slice(prefixLength(value ?? "", modifier, lookup));
    case "suffix":
      return withoutSuffix(value ?? "", modifier, lookup);
    case "replace":
      return findReplaced(value ?? "", toPattern(modifier.pattern, lookup), {
        all: modifier.all,
        replacement: expandParts(modifier.replacement, lookup),
      });
    default:
      return assertNever(modifier);
  }
}

function isUnset(value: string | undefined, emptyIsUnset: boolean): boolean {
  return value === undefined || (emptyIsUnset && value === "");
}

interface Affix {
  readonly longest: boolean;
  readonly pattern: Parts;
}

function prefixLength(value: string, { longest, pattern }: Affix, lookup: Lookup): number {
  const tokens = toPattern(pattern, lookup);
  return (longest ? findLongest(value, tokens) : findShortest(value, tokens)) ?? 0;
}

function withoutSuffix(value: string, { longest, pattern }: Affix, lookup: Lookup): string {
  const reversed = Array.from(value).toReversed().join("");
  const tokens = toPattern(pattern, lookup).toReversed();
  const length = (longest ? findLongest(reversed, tokens) : findShortest(reversed, tokens)) ?? 0;
  return value.slice(0, value.length - length);
}

/** What was quoted or escaped is literal. */
function toPattern(parts: Parts, lookup: Lookup): PatternToken[] {
  return parts.flatMap((part) => {
    const text = part.kind === "text" ? part.text : expandParts([part], lookup);
    return Array.from(text, (character): PatternToken => {
      if (part.quoted) return { kind: "literal", character };
      if (character === "*") return { kind: "any-run" };
      return character === "?" ? { kind: "any" } : { kind: "literal", character };
    });
  });
}
