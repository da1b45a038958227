/** What a {@link KnownError} carries besides its message. */
export interface ErrorDetails {
  /** One imperative sentence the user can follow. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * A failure that the project anticipates: the user can read it and act on it. Everything else that is thrown is a bug
 * and is shown with its stack.
 */
export class KnownError extends Error {
  /** Stable identifier, part of the command line's contract. */
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = details.hint;
  }
}

/** The command line itself is wrong: unknown flag, missing argument. */
export class UsageError extends KnownError {
  constructor(message: string, details?: ErrorDetails) {
    super("USAGE", message, details);
  }
}

/** A value or a document that came from outside is wrong. */
export class InputError extends KnownError {
  constructor(message: string, details?: ErrorDetails) {
    super("INVALID_INPUT", message, details);
  }
}

export type NotFoundCode = "IMAGE_NOT_FOUND" | "CLUSTER_NOT_FOUND" | "HOST_NOT_FOUND" | "LOGIN_NOT_FOUND";

export class NotFoundError extends KnownError {
  constructor(code: NotFoundCode, message: string, details?: ErrorDetails) {
    super(code, message, details);
  }
}

/** The compiler proves that a union is handled; reaching this at run time is a bug. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of a Node system error such as `ENOENT`, or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return undefined;
}
