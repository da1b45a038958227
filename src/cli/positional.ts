import { UsageError } from "../base/error.ts";

/** The values of positional arguments written as usage lines write them: `a`, `[a]`, `a...`, `[a...]`. */
export type PositionalValues<Patterns extends readonly string[]> = {
  readonly [Pattern in Patterns[number] as NameOf<Pattern>]: PositionalValue<Pattern>;
};

type NameOf<Pattern extends string> = Pattern extends `[${infer Name}...]`
  ? Name
  : Pattern extends `[${infer Name}]`
    ? Name
    : Pattern extends `${infer Name}...`
      ? Name
      : Pattern;

type PositionalValue<Pattern extends string> = Pattern extends `${string}...` | `[${string}...]`
  ? readonly string[]
  : Pattern extends `[${string}]`
    ? string | undefined
    : string;

export interface Positional {
  readonly name: string;
  readonly isOptional: boolean;
  /** Takes all that is left. */
  readonly isRepeated: boolean;
}

export function parsePositional(pattern: string): Positional {
  const isOptional = pattern.startsWith("[");
  const inner = isOptional ? pattern.slice(1, -1) : pattern;
  const isRepeated = inner.endsWith("...");
  return { name: isRepeated ? inner.slice(0, -3) : inner, isOptional, isRepeated };
}

/** `IMAGE...`, as usage lines show it. */
export function renderPositional(pattern: string): string {
  return pattern.toUpperCase();
}

/**
 * An optional argument in front of others, as in `[NAME] CHART`, is given when more words are there than those need.
 * @throws {UsageError} when there are too few or too many words.
 */
export function assignPositionals(
  patterns: readonly string[],
  words: readonly string[],
): Record<string, string | readonly string[] | undefined> {
  const values: Record<string, string | readonly string[] | undefined> = {};
  const left = [...words];
  for (const [index, pattern] of patterns.entries()) {
    const { name, isOptional, isRepeated } = parsePositional(pattern);
    if (left.length === 0 && !isOptional) throw new UsageError(`Missing argument ${name.toUpperCase()}`);
    const needed = patterns.slice(index + 1).filter((later) => !parsePositional(later).isOptional).length;
    if (isOptional && !isRepeated && left.length <= needed) continue;
    values[name] = isRepeated ? left.splice(0) : left.shift();
  }
  if (left.length > 0) throw new UsageError(`Unexpected argument "${left[0]}"`);
  return values;
}
