import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";

import { HashRing } from "./hash-ring.ts";

/** The other end of `SlabHasher`: hashes slabs until the end and posts the digest in hex digits. */
if (parentPort && workerData instanceof SharedArrayBuffer) {
  const ring = new HashRing(workerData);
  const hash = createHash("sha256");
  for (let slab = ring.peek(true); slab; slab = ring.peek(true)) {
    hash.update(slab);
    ring.release();
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort.postMessage(hash.digest("hex"));
}
