import { createHash } from "node:crypto";

import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { KnownError } from "../../base/error.ts";
import { renderSize } from "../../base/text.ts";
import { digestFromHash, type Digest, type DigestAlgorithm } from "../../oci/digest.ts";
import type { ByteRange } from "./storage.ts";

/** How much memory the content of a registry may take. */
export class MemoryBudget {
  readonly #limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** @throws {KnownError} MEMORY_FULL, and takes nothing, when that is too much. */
  take(sizeBytes: number): void {
    if (this.#usedBytes + sizeBytes > this.#limitBytes) {
      throw new KnownError(
        "MEMORY_FULL",
        `Cannot keep ${renderSize(sizeBytes)} more: the registry may hold ${renderSize(this.#limitBytes)} in memory`,
        { hint: "Serve a folder instead, or allow more with --memory-limit" },
      );
    }
    this.#usedBytes += sizeBytes;
  }

  give(sizeBytes: number): void {
    this.#usedBytes -= sizeBytes;
  }
}

/** Bytes in memory, growing at the end, in the pieces in which they came. */
export class MemoryContent {
  readonly #pieces: Uint8Array[] = [];
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Keeps a copy: a piece of a connection is a view on a larger buffer. */
  append(piece: Uint8Array): void {
    this.#pieces.push(Buffer.from(piece));
    this.#sizeBytes += piece.byteLength;
  }

  async *read(ctx: Context, { first, last }: ByteRange = { first: 0, last: this.#sizeBytes - 1 }): Bytes {
    let start = 0;
    for (const piece of this.#pieces) {
      if (start > last) return;
      ctx.signal.throwIfAborted();
      const part = piece.subarray(Math.max(0, first - start), last + 1 - start);
      if (first < start + piece.byteLength && part.byteLength > 0) yield part;
      start += piece.byteLength;
    }
  }
  digest(algorithm: DigestAlgorithm): Digest {
    const hash = createHash(algorithm);
    for (const piece of this.#pieces) hash.update(piece);
    return digestFromHash(hash, algorithm);
  }
}
