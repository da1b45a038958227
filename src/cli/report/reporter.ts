import { assertNever } from "../../base/error.ts";
import type { ProgressListener } from "../../base/progress.ts";
import { jsonReporter } from "./json-reporter.ts";
import { plainReporter } from "./plain-reporter.ts";
import { ttyReporter } from "./tty-reporter.ts";

/** Shows the events of one command. */
export interface Reporter {
  readonly listener: ProgressListener;
  /** Shows what is left and gives the terminal back. Nothing is shown afterwards. */
  close(): void;
}

/** Where progress goes: stderr, or something like it. */
export interface ReportStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export interface ReportOptions {
  readonly stream: ReportStream;
  readonly nowMs: () => number;
  readonly hasColor: boolean;
  /** False where a terminal shows everything that was ever written: there `auto` is `plain`. Default true. */
  readonly canRedraw?: boolean;
  /** Show what tasks print. */
  readonly showsOutput: boolean;
}

export type ReportMode = "auto" | "tty" | "plain" | "json" | "none";

export function createReporter(mode: ReportMode, options: ReportOptions): Reporter {
  switch (mode) {
    case "auto":
      return options.stream.isTTY && options.canRedraw !== false ? ttyReporter(options) : plainReporter(options);
    case "tty":
      return ttyReporter(options);
    case "plain":
      return plainReporter(options);
    case "json":
      return jsonReporter(options.stream);
    case "none":
      return { listener: () => {}, close: () => {} };
    default:
      return assertNever(mode);
  }
}
