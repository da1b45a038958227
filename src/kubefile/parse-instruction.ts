import { assertNever } from "../base/error.ts";
import { findClosest } from "../base/text.ts";
import { isKeyword, KEYWORDS } from "./grammar.ts";
import { readHeredocs } from "./heredoc.ts";
import type { Flag, Heredoc, Instruction, InstructionKind, Word } from "./instruction.ts";
import type { LineReader } from "./line-reader.ts";
import { parseDeclarations, parseFlags, parsePairs, parsePaths } from "./parse-arguments.ts";
import type { Source, Span } from "./source.ts";
import type { RawWord } from "./word.ts";

/** An instruction, absent when too much of it is wrong, and where the source goes on behind it. */
export interface ParsedInstruction {
  readonly instruction: Instruction | undefined;
  readonly next: number;
}

interface Head {
  readonly span: Span;
  readonly keyword: Span;
  readonly flags: readonly Flag[];
  readonly text: string;
}

/** Parses the instruction that the reader's line begins; its heredocs are read from `source` behind the line. */
export function parseInstruction(reader: LineReader, source: Source): ParsedInstruction {
  const { span, next, text } = reader.line;
  const word = reader.takeKeyword();
  const kind = word.text.toUpperCase();
  if (!isKeyword(kind)) {
    reportUnknown(reader, word);
    return { instruction: undefined, next };
  }
  const flags = parseFlags(reader, kind);
  const opened = kind === "RUN" || kind === "COPY" || kind === "ADD" ? reader.words() : [];
  const { heredocs, end = span.end, next: behind } = readHeredocs(source, { start: next, reader, words: opened });
  const head: Head = { span: { start: span.start, end }, keyword: reader.spanOf(word), flags, text: text.trimEnd() };
  if (reader.rest().text === "") {
    reader.report(word, { code: "MISSING_ARGUMENT", message: `${kind} needs an argument` });
    return { instruction: undefined, next: behind };
  }
  return { instruction: parseBody(reader, source, { kind, head, heredocs }), next: behind };
}

interface Body {
  readonly kind: InstructionKind;
  readonly head: Head;
  readonly heredocs: readonly Heredoc[];
}

function parseBody(reader: LineReader, source: Source, { kind, head, heredocs }: Body): Instruction | undefined {
  switch (kind) {
    case "FROM":
      return parseFrom(reader, head);
    case "ARG":
      return { ...head, kind, pairs: parseDeclarations(reader) };
    case "ENV":
    case "LABEL":
      return { ...head, kind, pairs: parsePairs(reader, kind) };
    case "COPY":
    case "ADD":
      return parseCopy(reader, head, { kind, heredocs });
    case "WORKDIR":
    case "USER":
    case "STOPSIGNAL":
      return { ...head, kind, value: reader.expandable(reader.rest()) };
    case "MAINTAINER":
      return { ...head, kind, value: reader.toWord(reader.rest()) };
    case "EXPOSE":
      return { ...head, kind, words: reader.words().map((word) => reader.expandable(word)) };
    case "VOLUME":
      return { ...head, kind, words: parsePaths(reader) };
    case "CMD":
    case "ENTRYPOINT":
      return { ...head, kind, command: reader.commandLine() };
    case "SHELL":
      return parseShell(reader, head);
    case "RUN":
      return { ...head, kind, command: reader.commandLine(), heredocs };
    case "HEALTHCHECK":
      return parseHealthcheck(reader, head);
    case "ONBUILD":
      return parseOnbuild(reader, source, head);
    default:
      return assertNever(kind);
  }
}

function parseFrom(reader: LineReader, head: Head): Instruction | undefined {
  const [image, as, stage, extra] = reader.words();
  if (!image) return undefined;
  const isComplete = as === undefined || (as.text.toUpperCase() === "AS" && stage !== undefined && extra === undefined);
  if (!isComplete) {
    reader.report(extra ?? as, {
      code: "INVALID_ARGUMENT",
      message: `FROM takes IMAGE or IMAGE AS NAME, found "${reader.rest().text}"`,
    });
  }
  const name = stage && { ...reader.toWord(stage), text: stage.text.toLowerCase() };
  if (name && stage && !/^[a-z][a-z0-9_.-]*$/.test(name.text)) {
    reader.report(stage, {
      code: "INVALID_ARGUMENT",
      message: `"${stage.text}" cannot name a stage`,
      hint: "Begin with a letter, then letters, digits, dots, dashes and underscores",
    });
  }
  return { ...head, kind: "FROM", image: reader.expandable(image), stage: name };
}

function parseCopy(
  reader: LineReader,
  head: Head,
  { kind, heredocs }: { kind: "COPY" | "ADD"; heredocs: readonly Heredoc[] },
): Instruction | undefined {
  const paths = parsePaths(reader);
  const destination = paths.at(-1);
  if (!destination || paths.length < 2) {
    reader.report(reader.rest(), {
      code: "MISSING_ARGUMENT",
      message: `${kind} needs at least one source and a destination, found "${reader.rest().text}"`,
    });
    return undefined;
  }
  const isSource = (word: Word) => !heredocs.some((heredoc) => heredoc.word.span.start === word.span.start);
  return { ...head, kind, sources: paths.slice(0, -1).filter(isSource), destination, heredocs };
}

function parseShell(reader: LineReader, head: Head): Instruction {
  const command = reader.commandLine();
  if (command.form === "shell" || command.arguments.length === 0) {
    reader.report(reader.rest(), {
      code: "JSON_FORM",
      message: "SHELL takes the JSON form",
      hint: 'Write SHELL ["/bin/sh", "-c"]',
    });
  }
  return { ...head, kind: "SHELL", command };
}

function parseHealthcheck(reader: LineReader, head: Head): Instruction | undefined {
  const word = reader.takeKeyword();
  const kind = word.text.toUpperCase();
  const rest = reader.rest();
  if (kind === "NONE") {
    if (rest.text !== "")
      reader.report(rest, { code: "EXTRA_ARGUMENT", message: "HEALTHCHECK NONE takes no argument" });
    return { ...head, kind: "HEALTHCHECK", command: undefined };
  }
  if (kind === "CMD" && rest.text !== "") return { ...head, kind: "HEALTHCHECK", command: reader.commandLine() };
  reader.report(word, {
    code: "INVALID_ARGUMENT",
    message: `HEALTHCHECK takes CMD with a command or NONE, found "${word.text}"`,
  });
  return undefined;
}

const NO_TRIGGERS: readonly string[] = ["FROM", "MAINTAINER", "ONBUILD"];

function parseOnbuild(reader: LineReader, source: Source, head: Head): Instruction | undefined {
  const rest = reader.rest();
  const { instruction: trigger } = parseInstruction(reader, source);
  if (!trigger) return undefined;
  if (NO_TRIGGERS.includes(trigger.kind)) {
    reader.report(rest, { code: "INVALID_ARGUMENT", message: `ONBUILD cannot trigger ${trigger.kind}` });
    return undefined;
  }
  const text = rest.text.trimEnd();
  return { ...head, kind: "ONBUILD", trigger: { ...trigger, text } };
}

function reportUnknown(reader: LineReader, word: RawWord): void {
  const closest = findClosest(word.text.toUpperCase(), KEYWORDS);
  reader.report(word, {
    code: "UNKNOWN_INSTRUCTION",
    message: `"${word.text}" is not an instruction`,
    hint: closest === undefined ? `Use one of ${KEYWORDS.join(", ")}` : `Did you mean ${closest}?`,
  });
}
