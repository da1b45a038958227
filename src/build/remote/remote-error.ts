import { KnownError, type ErrorDetails } from "../../base/error.ts";

/** A file or repository of another host cannot be had, or is not what was expected. */
export class RemoteSourceError extends KnownError {
  constructor(message: string, details?: ErrorDetails) {
    super("REMOTE_SOURCE", message, details);
  }
}
