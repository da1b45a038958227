import { InputError, KnownError, type ErrorDetails } from "../base/error.ts";

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
