/** One element of a shell pattern. */
export type PatternToken =
  | { readonly kind: "literal"; readonly character: string }
  | { readonly kind: "any" }
  | { readonly kind: "any-run" };

/** The length of the shortest prefix of `text` that the pattern matches, or undefined. */
export function findShortest(text: string, pattern: readonly PatternToken[]): number | undefined {
  return matchLengths(text, pattern)[0];
}

/** The length of the longest prefix of `text` that the pattern matches, or undefined. */
export function findLongest(text: string, pattern: readonly PatternToken[]): number | undefined {
  return matchLengths(text, pattern).at(-1);
}

/** Replaces the first or every longest match; a match of nothing is left alone. */
export function findReplaced(
  text: string,
  pattern: readonly PatternToken[],
  { all, replacement }: { all: boolean; replacement: string },
): string {
  let result = "";
  let offset = 0;
  while (offset < text.length) {
    const length = findLongest(text.slice(offset), pattern) ?? 0;
    if (length === 0) {
      result += text[offset++] ?? "";
      continue;
    }
    result += replacement;
    offset += length;
    if (!all) break;
  }
  return result + text.slice(offset);
}

/** All prefix lengths that match, in order: the set of reachable pattern states moves along the text. */
function matchLengths(text: string, pattern: readonly PatternToken[]): number[] {
  const lengths: number[] = [];
  let states = closure(new Set([0]), pattern);
  let length = 0;
  for (const character of Array.from(text).concat("")) {
    if (states.has(pattern.length)) lengths.push(length);
    if (character === "" || states.size === 0) break;
    states = closure(advance(states, pattern, character), pattern);
    length += character.length;
  }
  return lengths;
}

function advance(states: ReadonlySet<number>, pattern: readonly PatternToken[], character: string): Set<number> {
  const next = new Set<number>();
  for (const state of states) {
    const token = pattern[state];
    if (token?.kind === "any-run") next.add(state);
    else if (token?.kind === "any" || (token?.kind === "literal" && token.character === character)) next.add(state + 1);
  }
  return next;
}

/** A run of anything may also be empty. */
function closure(states: Set<number>, pattern: readonly PatternToken[]): Set<number> {
  for (const state of states) {
    if (pattern[state]?.kind === "any-run") states.add(state + 1);
  }
  return states;
}
