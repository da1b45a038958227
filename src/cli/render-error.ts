import { KnownError, messageOf, UsageError } from "../base/error.ts";
import { printable } from "../base/text.ts";

export const EXIT_CODES = { success: 0, failure: 1, usage: 2, bug: 70, interrupted: 130, terminated: 143 } as const;

/** The program was told to stop by a signal. */
export class InterruptedError extends Error {
  readonly exitCode: number;

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(signal === "SIGINT" ? "Interrupted" : "Terminated");
    this.name = "AbortError";
    this.exitCode = signal === "SIGINT" ? EXIT_CODES.interrupted : EXIT_CODES.terminated;
  }
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.exitCode;
  if (error instanceof UsageError) return EXIT_CODES.usage;
  return error instanceof KnownError ? EXIT_CODES.failure : EXIT_CODES.bug;
}

export interface ErrorRendering {
  /** Show stacks of anticipated failures too. */
  readonly debug: boolean;
  readonly version: string;
}

/** What stderr shows of an error: the message, the hint and, for bugs, the stack and what to do with it. */
export function renderError(error: unknown, { debug, version }: ErrorRendering): string {
  if (error instanceof InterruptedError) {
    return `${error.message}. Run the same command again to go on.`;
  }
  if (error instanceof KnownError) {
    const hint = error.hint === undefined ? [] : [`Hint: ${error.hint}`];
    return printable([`Error: ${error.message}`, ...hint, ...(debug ? stacksOf(error) : [])].join("\n"));
  }
  return printable(
    [
      `Error: ${messageOf(error)}`,
      ...stacksOf(error),
      `This is a bug in sealos ${version}. Report it with the lines above and the command that was run.`,
    ].join("\n"),
  );
}

/** The same error for machines. */
export function toErrorDocument(error: unknown): { code: string; message: string; hint?: string } {
  if (error instanceof InterruptedError) return { code: "INTERRUPTED", message: error.message };
  if (!(error instanceof KnownError)) return { code: "BUG", message: messageOf(error) };
  return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
}

/** The stacks of an error and of everything that caused it. */
function stacksOf(error: unknown, seen: ReadonlySet<unknown> = new Set()): string[] {
  if (!(error instanceof Error) || seen.has(error)) return [];
  const inside = new Set([...seen, error]);
  const causes = "causes" in error && Array.isArray(error.causes) ? error.causes : [error.cause];
  return [error.stack ?? error.message, ...causes.flatMap((cause) => stacksOf(cause, inside))];
}
