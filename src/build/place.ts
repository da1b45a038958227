import { ChangedFileError, UnsafeArchiveError } from "../archive/errors.ts";
import { InputError } from "../base/error.ts";
import { diagnose, type DiagnosticCode, type Finding } from "../kubefile/diagnostic.ts";
import { KubefileError } from "../kubefile/errors.ts";
import type { Source, Span } from "../kubefile/source.ts";
import { WordError } from "../kubefile/word-parts.ts";
import { UnsafePathError } from "./context/resolve-path.ts";
import { DestinationError } from "./layer/layer-draft.ts";
import { ValueError } from "./value-error.ts";

/** A place in a Kubefile. */
export interface Place {
  readonly source: Source;
  readonly span: Span;
}

export function problemAt({ source, span }: Place, finding: Finding): KubefileError {
  return new KubefileError([diagnose(source, span, finding)]);
}

/** Runs what an instruction says; what is wrong with its values is thrown as a finding at its place. */
export function atPlace<T>(place: Place, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    throw problemAt(place, { code, message: error.message.charAt(0).toUpperCase() + error.message.slice(1) });
  }
}

/** Reads an archive that an instruction names; what is wrong with it is thrown as a finding at its place. */
export async function archiveAt<T>(place: Place, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ChangedFileError) throw error;
    const code = error instanceof UnsafeArchiveError ? "UNSAFE_PATH" : "INVALID_ARCHIVE";
    if (error instanceof UnsafeArchiveError || error instanceof InputError) {
      throw problemAt(place, { code, message: error.message, hint: error.hint });
    }
    throw error;
  }
}

function codeOf(error: unknown): DiagnosticCode | undefined {
  if (error instanceof WordError) return "INVALID_EXPANSION";
  if (error instanceof UnsafePathError) return "UNSAFE_PATH";
  if (error instanceof DestinationError) return "DESTINATION";
  return error instanceof ValueError ? "INVALID_ARGUMENT" : undefined;
}
