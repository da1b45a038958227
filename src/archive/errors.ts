import { InputError, KnownError, messageOf, type ErrorDetails } from "../base/error.ts";

/** A member of an archive would lead out of the folder that it is for. */
export class UnsafeArchiveError extends KnownError {
  constructor(message: string, details?: ErrorDetails) {
    super("UNSAFE_ARCHIVE", message, details);
  }
}

/** A file is not what its reader was promised: it changed in the meantime, or was never that. */
export class ChangedFileError extends InputError {
  readonly path: string;

  constructor(path: string, difference: string) {
    super(`Cannot read "${path}": ${difference}`, { hint: "Wait until nothing writes to the file, then try again" });
    this.path = path;
  }
}

/** What the system says of a file of a build context, under the name that the user knows. */
export function unreadable(path: string, cause: unknown): InputError {
  const reason = messageOf(cause).replace(/, \w+ '.*$/s, ""); // the rest names the way through which it was asked
  return new InputError(`Cannot read "${path}": ${reason}`, {
    hint: "Make the file readable, or exclude it in .containerignore",
    cause,
  });
}
