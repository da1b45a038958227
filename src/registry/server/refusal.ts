import { KnownError } from "../../base/error.ts";
import { Refusal } from "./api.ts";

const FULL_CODES: readonly string[] = ["DISK_FULL", "MEMORY_FULL"];

/** What the client is told of a failure here, without paths of this machine. Throws what is a bug. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (!(error instanceof KnownError)) throw error;
  if (FULL_CODES.includes(error.code)) return new Refusal(507, "UNKNOWN", "no space is left for the content");
  return new Refusal(500, "UNKNOWN", "the content cannot be read or written");
}

export function unsupported(message: string, headers: Readonly<Record<string, string>> = {}): Refusal {
  return new Refusal(405, "UNSUPPORTED", message, headers);
}
