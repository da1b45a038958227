import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";

import { HashRing, RING_SLABS } from "./hash-ring.ts";

/** A thread takes longer to start than this many slabs take to hash. */
const SLABS_WITHOUT_THREAD = RING_SLABS - 2;

/**
 * SHA-256 on a thread of its own: the caller fills slabs of shared memory in place while the previous ones are hashed.
 * Little content is hashed in place, without a thread. Must be closed.
 */
export class SlabHasher {
  readonly #ring = new HashRing();
  #thread: { readonly worker: Worker; readonly digest: Promise<string> } | undefined;

  /** The slab to fill, after `free` has resolved. What was published before must not be touched any more. */
  nextSlab(): Buffer {
    return this.#ring.next();
  }

  /** Hands the slab of `nextSlab` over. It may still be read until the next one is asked for. */
  publish(length: number): void {
    if (length > 0) this.#ring.publish(length);
    if (!this.#thread && this.#ring.pending > SLABS_WITHOUT_THREAD) this.#thread = startThread(this.#ring);
  }

  /** Resolves when `nextSlab` may be called. */
  async free(): Promise<void> {
    await (this.#thread ? Promise.race([this.#ring.free(), this.#thread.digest]) : this.#ring.free());
  }

  /** The digest of all slabs in hex digits; nothing may be published afterwards. */
  async digest(): Promise<string> {
    if (!this.#thread) return digestOf(this.#ring);
    await this.free();
    this.#ring.publish(0);
    return this.#thread.digest;
  }

  async close(): Promise<void> {
    await this.#thread?.worker.terminate();
  }
}

function digestOf(ring: HashRing): string {
  const hash = createHash("sha256");
  for (let slab = ring.peek(false); slab; slab = ring.peek(false)) {
    hash.update(slab);
    ring.release();
  }
  return hash.digest("hex");
}

function startThread(ring: HashRing): { worker: Worker; digest: Promise<string> } {
  const worker = new Worker(workerLocation(), { workerData: ring.memory });
  const { promise: digest, resolve, reject } = Promise.withResolvers<string>();
  worker.once("message", resolve);
  worker.once("error", reject);
  worker.once("exit", () => reject(new Error("The hashing thread ended early")));
  digest.catch(() => undefined); // whoever waits for it is told; after `close` nobody does
  return { worker, digest };
}

/** Beside this module: as a source file of the same folder, or as an entry point of the bundle. */
function workerLocation(): URL {
  const isSource = import.meta.url.endsWith(".ts");
  return isSource ? new URL("./hash-worker.ts", import.meta.url) : new URL("./hash-worker.js", import.meta.url);
}
