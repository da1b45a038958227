import { KnownError, type ErrorDetails } from "../../base/error.ts";
import { isLoopback } from "../../registry/client/endpoint.ts";
import { withoutCredentials } from "./remote-reference.ts";

/** A file or repository of another host cannot be had, or is not what was expected. */
export class RemoteSourceError extends KnownError {
  constructor(message: string, details?: ErrorDetails) {
    super("REMOTE_SOURCE", message, details);
  }
}

/** For a build that may ask nobody but this machine. @throws {RemoteSourceError} */
export function requireLocal(url: string): void {
  const host = URL.parse(url)?.host;
  if (host !== undefined && isLoopback(host)) return;
  throw new RemoteSourceError(`Cannot get "${withoutCredentials(url)}": nobody is asked while offline`, {
    hint: "COPY it from the context; with its checksum or commit given, a copy that was fetched before is used",
  });
}
