import { KnownError, type ErrorDetails } from "../../base/error.ts";

export type RunErrorCode =
  /** The command ended with another exit code than 0. */
  | "RUN_FAILED"
  /** This machine does not let commands be run. */
  | "RUN_UNAVAILABLE";

/** What a RUN asks for did not happen. */
export class RunError extends KnownError {
  constructor(code: RunErrorCode, message: string, details?: ErrorDetails) {
    super(code, message, details);
  }
}
