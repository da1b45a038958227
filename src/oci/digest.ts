import { createHash, type Hash } from "node:crypto";

import { KnownError } from "../base/error.ts";

declare const brand: unique symbol;

/** Content identifier as the image-spec writes it (`sha256:<hex>`). Only this file can make one. */
export type Digest = string & { readonly [brand]: "Digest" };

export type DigestAlgorithm = "sha256" | "sha512";

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#registered-algorithms */
export function isDigest(text: string): text is Digest {
  return /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(text);
}

/** @throws {KnownError} INVALID_DIGEST when `text` is not a digest of a registered algorithm. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new KnownError("INVALID_DIGEST", `Cannot parse digest "${text}": expected sha256:<64 hex digits>`);
}

export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.startsWith("sha512:") ? "sha512" : "sha256";
}

/** The digest without its algorithm. */
export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(":") + 1);
}

export function digestOf(content: Uint8Array | string, algorithm: DigestAlgorithm = "sha256"): Digest {
  return digestFromHash(createHash(algorithm).update(content), algorithm);
}

/** Ends a computation with `algorithm`. The hash cannot be used afterwards. */
export function digestFromHash(hash: Hash, algorithm: DigestAlgorithm = "sha256"): Digest {
  return parseDigest(`${algorithm}:${hash.digest("hex")}`);
}
