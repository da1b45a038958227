import { KnownError, type ErrorDetails } from "../base/error.ts";

/** Content is not what its digest or size promised. Never retried on the same source. */
export class IntegrityError extends KnownError {
  constructor(message: string, details?: ErrorDetails) {
    super("INTEGRITY", message, details);
  }
}
