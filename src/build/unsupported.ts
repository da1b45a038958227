import type { Finding } from "../kubefile/diagnostic.ts";
import type { CopyInstruction, Instruction, Word } from "../kubefile/instruction.ts";
import type { Span } from "../kubefile/source.ts";

const UNSUPPORTED_FLAGS: ReadonlySet<string> = new Set(["checksum", "exclude", "keep-git-dir", "parents", "unpack"]);

/** What this builder cannot do yet: refused, never ignored. */
export function unsupportedParts(instruction: Instruction): readonly (readonly [Span, Finding])[] {
  if (instruction.kind === "RUN") return [[instruction.keyword, RUN]];
  if (instruction.kind === "ONBUILD") return unsupportedParts(instruction.trigger);
  if (instruction.kind !== "COPY" && instruction.kind !== "ADD") return [];
  return [...flagsOf(instruction), ...remoteSources(instruction)];
}

const RUN: Finding = {
  code: "UNSUPPORTED",
  message: "RUN is not supported: this builder runs nothing",
  hint: "Prepare the files before the build and COPY them, or do it in CMD when the image is run",
};

function flagsOf({ kind, flags }: CopyInstruction): (readonly [Span, Finding])[] {
  return flags
    .filter(({ name }) => UNSUPPORTED_FLAGS.has(name))
    .map(({ name, span }) => [span, { code: "UNSUPPORTED", message: `${kind} --${name} is not supported` }] as const);
}

function remoteSources({ kind, sources }: CopyInstruction): (readonly [Span, Finding])[] {
  if (kind !== "ADD") return [];
  return sources.filter(isRemote).map(({ text, span }) => [span, remoteSource(text)] as const);
}

/** For a source that turns out to be remote only after its variables are replaced. */
export function remoteSource(text: string): Finding {
  return {
    code: "UNSUPPORTED",
    message: `ADD of "${text}" is not supported: this builder fetches nothing`,
    hint: "Fetch it before the build, check its digest, and COPY the file",
  };
}

export function isRemote({ text }: Pick<Word, "text">): boolean {
  return /^(["']?)(https?:\/\/|git@|git:\/\/|ssh:\/\/)/i.test(text);
}
