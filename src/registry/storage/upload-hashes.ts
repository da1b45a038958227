import { createHash } from "node:crypto";

import { SLAB_BYTES } from "../../archive/hash-ring.ts";
import { SlabHasher } from "../../archive/slab-hasher.ts";
import { parseDigest, type Digest } from "../../oci/digest.ts";

/** SHA-256 of content that grows. */
export interface UploadHash {
  /** Where the next bytes go; until `take`, which hands them over. Those taken last stay as they are. */
  buffer(): Buffer;
  take(length: number): Promise<void>;
  digest(): Promise<Digest>;
  /** Afterwards it is of no use. */
  close(): Promise<void>;
}

/** Whoever has a hash; it may be taken away while nobody writes. */
export interface HashOwner {
  readonly isBusy: boolean;
  hash: UploadHash | undefined;
}

/** It holds 16 MiB, and a thread for large content. */
const THREADED_AT_ONCE = 1;

/** Gives one upload at a time a thread for hashing, and the others none: those have the processors busy anyway. */
export class UploadHashes {
  readonly #threaded = new Set<HashOwner>();

  async open(owner: HashOwner): Promise<UploadHash> {
    const abandoned = [...this.#threaded].find(({ isBusy }) => !isBusy);
    if (this.#threaded.size >= THREADED_AT_ONCE && abandoned) await this.#takeAway(abandoned);
    if (this.#threaded.size >= THREADED_AT_ONCE) return hashInPlace();
    this.#threaded.add(owner);
    return hashOnThread(() => this.#threaded.delete(owner));
  }

  async #takeAway(owner: HashOwner): Promise<void> {
    const { hash } = owner;
    owner.hash = undefined;
    this.#threaded.delete(owner);
    await hash?.close();
  }
}

function hashInPlace(): UploadHash {
  const hash = createHash("sha256");
  const buffers = alternatingBuffers();
  let filling = buffers();
  return {
    buffer: () => (filling = buffers()),
    take: async (length) => void hash.update(filling.subarray(0, length)),
    digest: async () => parseDigest(`sha256:${hash.digest("hex")}`),
    close: async () => undefined,
  };
}

/** Gives one of two buffers, so that the other one can still be read. */
export function alternatingBuffers(): () => Buffer {
  const buffers: Buffer[] = [];
  let count = 0;
  return () => (buffers[count++ % 2] ??= Buffer.allocUnsafeSlow(SLAB_BYTES));
}

function hashOnThread(onClose: () => void): UploadHash {
  const hasher = new SlabHasher();
  return {
    buffer: () => hasher.nextSlab(),
    async take(length) {
      hasher.publish(length);
      await hasher.free();
    },
    digest: async () => parseDigest(`sha256:${await hasher.digest()}`),
    async close() {
      onClose();
      await hasher.close();
    },
  };
}
