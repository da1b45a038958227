import { isDigest, type Digest } from "../../oci/digest.ts";
import { isRepository, isTag } from "../../oci/reference.ts";
import { Refusal } from "./api.ts";

/** What a path of the API is about. */
export type Route =
  | { readonly kind: "version" }
  | { readonly kind: "catalog" }
  | { readonly kind: "tags"; readonly repository: string }
  | { readonly kind: "manifest"; readonly repository: string; readonly name: string }
  | { readonly kind: "blob"; readonly repository: string; readonly digest: Digest }
  | { readonly kind: "uploads"; readonly repository: string }
  | { readonly kind: "upload"; readonly repository: string; readonly id: string }
  | { readonly kind: "referrers"; readonly repository: string; readonly digest: Digest };

const PATTERN =
  /^\/v2\/(?<repository>.+)\/(?:(?<tags>tags\/list)|(?<uploads>blobs\/uploads\/?)|blobs\/uploads\/(?<upload>[^/]+)|(?<kind>manifests|blobs|referrers)\/(?<name>[^/]+))$/;

/**
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints
 * @returns undefined for a path that is not of the API. @throws {Refusal} for a malformed name or digest in it.
 */
export function parseRoute(path: string): Route | undefined {
  if (path === "/v2" || path === "/v2/") return { kind: "version" };
  if (path === "/v2/_catalog") return { kind: "catalog" };
  const parts = PATTERN.exec(decode(path))?.groups;
  if (!parts) return undefined;
  const { repository = "", tags, uploads, upload, kind, name = "" } = parts;
  if (!isRepository(repository)) throw new Refusal(400, "NAME_INVALID", "the repository's name is malformed");
  if (tags) return { kind: "tags", repository };
  if (uploads) return { kind: "uploads", repository };
  if (upload) return { kind: "upload", repository, id: upload };
  if (kind === "manifests") return { kind: "manifest", repository, name: parseName(name) };
  return { kind: kind === "blobs" ? "blob" : "referrers", repository, digest: requireDigest(name) };
}

/** @throws {Refusal} when the text is not a digest of an algorithm that is known here. */
export function requireDigest(text: string | null): Digest {
  if (text !== null && isDigest(text)) return text;
  throw new Refusal(400, "DIGEST_INVALID", "the digest is malformed or of an unknown algorithm");
}

function parseName(name: string): string {
  if (name.includes(":")) return requireDigest(name);
  if (isTag(name)) return name;
  throw new Refusal(400, "TAG_INVALID", "the tag is malformed");
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // then it matches nothing that is valid
  }
}
