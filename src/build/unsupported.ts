import type { Finding } from "../kubefile/diagnostic.ts";
import type { Instruction } from "../kubefile/instruction.ts";
import type { Span } from "../kubefile/source.ts";

/** What this builder cannot do yet: refused, never ignored. */
export function unsupportedParts(instruction: Instruction): readonly (readonly [Span, Finding])[] {
  if (instruction.kind === "RUN") return [[instruction.keyword, RUN]];
  return instruction.kind === "ONBUILD" ? unsupportedParts(instruction.trigger) : [];
}

const RUN: Finding = {
  code: "UNSUPPORTED",
  message: "RUN is not supported: this builder runs nothing",
  hint: "Prepare the files before the build and COPY them, or do it in CMD when the image is run",
};
