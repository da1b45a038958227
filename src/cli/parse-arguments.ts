import { findClosest } from "../base/text.ts";
import { assertNever, UsageError } from "../base/error.ts";
import { takesValue, type FlagSpec, type FlagSpecs, type FlagValue } from "./flag.ts";
import { setFlag } from "./flag-value.ts";

export interface ParsedArguments {
  readonly words: readonly string[];
  /** One value for each flag, defaults included. */
  readonly values: Readonly<Record<string, FlagValue>>;
  /** Flags that were on the command line. */
  readonly given: ReadonlySet<string>;
}

export interface ParseOptions {
  /** Stop at the first word: it and everything behind it stay words. */
  readonly stopAtWord?: boolean;
}

/**
 * Reads flags as pflag does: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, `-abc` for booleans,
 * flags before and behind words, `--` before words only.
 * @throws {UsageError}
 */
export function parseArguments(specs: FlagSpecs, argv: readonly string[], options: ParseOptions = {}): ParsedArguments {
  const words: string[] = [];
  const values: Record<string, FlagValue> = { ...defaultsOf(specs) };
  const given = new Set<string>();
  const queue = [...argv];

  for (let token = queue.shift(); token !== undefined; token = queue.shift()) {
    if (token === "--") return { words: [...words, ...queue], values, given };
    if (!token.startsWith("-") || token === "-") {
      words.push(token);
      if (options.stopAtWord) return { words: [...words, ...queue], values, given };
      continue;
    }
    for (const { name, spec, text } of token.startsWith("--") ? [readLong(specs, token)] : readShorts(specs, token)) {
      const value = text ?? (takesValue(spec) ? queue.shift() : bareValue(spec));
      if (value === undefined) throw new UsageError(`Missing value of --${name}`);
      values[name] = setFlag(name, spec, value, given.has(name) ? values[name] : undefined);
      given.add(name);
    }
  }
  return { words, values, given };
}

/** One flag as it is written; `text` is absent when its value, if any, is the next word. */
interface WrittenFlag {
  readonly name: string;
  readonly spec: FlagSpec;
  readonly text: string | undefined;
}

function readLong(specs: FlagSpecs, token: string): WrittenFlag {
  const equals = token.indexOf("=");
  const name = token.slice(2, equals < 0 ? undefined : equals);
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
  if (!spec) throw unknownFlag(`--${name}`, findClosest(name, visibleNames(specs)));
  return { name, spec, text: equals < 0 ? undefined : token.slice(equals + 1) };
}

function readShorts(specs: FlagSpecs, token: string): WrittenFlag[] {
  const written: WrittenFlag[] = [];
  for (let index = 1; index < token.length; index++) {
    const [name, spec] = Object.entries(specs).find(([, { short }]) => short === token[index]) ?? [];
    if (name === undefined || !spec) throw unknownFlag(`-${token[index]}`);
    const rest = token.slice(index + 1);
    if (rest.startsWith("=")) return [...written, { name, spec, text: rest.slice(1) }];
    if (takesValue(spec) && rest !== "") return [...written, { name, spec, text: rest }];
    written.push({ name, spec, text: undefined });
  }
  return written;
}

function unknownFlag(flag: string, closest?: string): UsageError {
  const hint = closest === undefined ? undefined : `Did you mean --${closest}?`;
  return new UsageError(`Unknown flag ${flag}`, { hint });
}

function visibleNames(specs: FlagSpecs): string[] {
  return Object.keys(specs).filter((name) => !specs[name]?.hidden);
}

function bareValue(spec: FlagSpec): string | undefined {
  return spec.type === "string" ? spec.bare : "true";
}

function defaultsOf(specs: FlagSpecs): Record<string, FlagValue> {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, defaultOf(spec)]));
}

function defaultOf(spec: FlagSpec): FlagValue {
  switch (spec.type) {
    case "boolean":
      return spec.default ?? false;
    case "list":
    case "array":
      return [];
    case "string":
    case "integer":
      return spec.default;
    default:
      return assertNever(spec);
  }
}
