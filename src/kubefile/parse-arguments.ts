import { findClosest } from "../base/text.ts";
import { FLAGS, REPEATABLE_FLAGS } from "./grammar.ts";
import type { Flag, InstructionKind, Pair, Word } from "./instruction.ts";
import type { LineReader } from "./line-reader.ts";
import { findEquals, type RawWord } from "./word.ts";

/** Reads the flags behind the keyword; unknown, repeated and incomplete ones are reported. */
export function parseFlags(reader: LineReader, kind: InstructionKind): readonly Flag[] {
  const flags: Flag[] = [];
  for (let word = reader.takeFlag(); word; word = reader.takeFlag()) {
    const equals = word.text.indexOf("=");
    const name = word.text.slice(2, equals < 0 ? undefined : equals);
    const value = equals < 0 ? undefined : { text: word.text.slice(equals + 1), start: word.start + equals + 1 };
    checkFlag(reader, kind, { word, name, value });
    if (flags.some((flag) => flag.name === name) && !REPEATABLE_FLAGS.has(name)) {
      reader.report(word, { code: "DUPLICATE_FLAG", message: `The flag --${name} is given twice` });
    }
    flags.push({ name, value: value && reader.expandable(value), span: reader.spanOf(word) });
  }
  return flags;
}

interface FlagWord {
  readonly word: RawWord;
  readonly name: string;
  readonly value: RawWord | undefined;
}

function checkFlag(reader: LineReader, kind: InstructionKind, { word, name, value }: FlagWord): void {
  const known = FLAGS[kind];
  const wanted = Object.hasOwn(known, name) ? known[name] : undefined;
  if (wanted === undefined) {
    const closest = findClosest(name, Object.keys(known));
    reader.report(word, {
      code: "UNKNOWN_FLAG",
      message: `${kind} has no flag --${name}`,
      hint: closest === undefined ? undefined : `Did you mean --${closest}?`,
    });
  } else if (wanted === "value" && !value?.text) {
    reader.report(word, { code: "INVALID_FLAG", message: `--${name} needs a value`, hint: `Write --${name}=VALUE` });
  } else if (wanted === "boolean" && value && !/^(true|false)$|\$/.test(value.text)) {
    reader.report(word, { code: "INVALID_FLAG", message: `--${name} is either true or false, found "${value.text}"` });
  }
}

/** `NAME VALUE` (one pair, blanks belong to the value) or `NAME=VALUE …`. */
export function parsePairs(reader: LineReader, kind: "ENV" | "LABEL"): readonly Pair[] {
  const words = reader.words();
  const [first, second] = words;
  if (!first) return [];
  if (findEquals(first.text, reader.escape) === undefined) return legacyPair(reader, kind, { first, second });
  const wrong = words.find((word) => findEquals(word.text, reader.escape) === undefined);
  if (wrong) {
    reader.report(wrong, {
      code: "INVALID_PAIR",
      message: `Expected NAME=VALUE, found "${wrong.text}"`,
      hint: wrong.text === "#" ? "Put the comment on a line of its own" : "Put a value with blanks in quotes",
    });
  }
  return words.map((word) => splitPair(reader, word));
}

/** `NAME` or `NAME=DEFAULT`. */
export function parseDeclarations(reader: LineReader): readonly Pair[] {
  return reader.words().map((word) => splitPair(reader, word));
}

function legacyPair(
  reader: LineReader,
  kind: "ENV" | "LABEL",
  { first, second }: { first: RawWord; second: RawWord | undefined },
): readonly Pair[] {
  if (!second) {
    reader.report(first, {
      code: "INVALID_PAIR",
      message: `${kind} "${first.text}" has no value`,
      hint: `Write ${kind} ${first.text}=VALUE`,
    });
    return [];
  }
  const { text, start } = reader.rest();
  const value = { text: text.slice(second.start - start), start: second.start };
  return [checkName(reader, { name: reader.expandable(first), value: reader.expandable(value) }, first)];
}

function splitPair(reader: LineReader, word: RawWord): Pair {
  const equals = findEquals(word.text, reader.escape);
  const name = { text: word.text.slice(0, equals), start: word.start };
  if (equals === undefined) return checkName(reader, { name: reader.expandable(name), value: undefined }, word);
  const value = { text: word.text.slice(equals + 1), start: word.start + equals + 1 };
  return checkName(reader, { name: reader.expandable(name), value: reader.expandable(value) }, word);
}

function checkName(reader: LineReader, pair: Pair, word: RawWord): Pair {
  if (pair.name.text === "") {
    reader.report(word, { code: "INVALID_PAIR", message: `A name is missing in "${word.text}"` });
  }
  return pair;
}

/** Words for paths: those of the JSON form, or split at blanks. */
export function parsePaths(reader: LineReader): readonly Word[] {
  const elements = reader.jsonArray();
  if (!elements) return reader.words().map((word) => reader.expandable(word));
  const { start } = reader.rest();
  return elements.map((text) => reader.expandable({ text, start }));
}
