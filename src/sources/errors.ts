import { KnownError, type ErrorDetails } from "../base/error.ts";

export type FetchErrorCode = "FETCH_NOT_FOUND" | "FETCH_UNREACHABLE" | "FETCH_STATUS" | "FETCH_TOO_LARGE";

/** A file could not be had from where it is published. */
export class FetchError extends KnownError {
  /** It may work a moment later. */
  readonly isTransient: boolean;

  constructor(code: FetchErrorCode, message: string, details: ErrorDetails & { readonly isTransient?: boolean } = {}) {
    super(code, message, details);
    this.isTransient = details.isTransient ?? false;
  }
}

/** A program that makes an artifact is missing or failed. */
export class SourceBuildError extends KnownError {
  constructor(message: string, details?: ErrorDetails) {
    super("SOURCE_BUILD", message, details);
  }
}
