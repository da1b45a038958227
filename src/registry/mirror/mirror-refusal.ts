import { messageOf, NotFoundError } from "../../base/error.ts";
import { printable } from "../../base/text.ts";
import { IntegrityError } from "../../oci/errors.ts";
import { RegistryError } from "../client/errors.ts";
import { Refusal } from "../server/api.ts";
import { toRefusal } from "../server/refusal.ts";

/**
 * What the client is told when the upstream does not give what it asks for. Throws what is a bug.
 * @param path what was asked for.
 */
export function toMirrorRefusal(error: unknown, path: string): Refusal {
  const message = printable(messageOf(error));
  if (error instanceof NotFoundError) {
    return new Refusal(404, path.includes("/blobs/") ? "BLOB_UNKNOWN" : "MANIFEST_UNKNOWN", message);
  }
  if (error instanceof IntegrityError) return new Refusal(502, "UNKNOWN", message);
  if (!(error instanceof RegistryError)) return toRefusal(error);
  if (error.status === 401 || error.status === 403) return new Refusal(403, "DENIED", message);
  if (error.status === 429) return new Refusal(429, "TOOMANYREQUESTS", message, retryAfter(error));
  return new Refusal(502, "UNKNOWN", message);
}

function retryAfter({ retryAfterMs }: RegistryError): Readonly<Record<string, string>> {
  return retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1000)) };
}
