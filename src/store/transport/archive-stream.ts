import { setImmediate } from "node:timers/promises";

import { SLAB_BYTES } from "../../archive/hash-ring.ts";
import type { LayerEntry } from "../../archive/tar-entry.ts";
import { tarSlabs } from "../../archive/tar-writer.ts";
import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import type { ImageStore } from "../image-store.ts";
import { describeDamage } from "../save-archive.ts";

/** The archive that `saveArchive` writes, as a stream: the same bytes. */
export async function* streamArchive(ctx: Context, store: ImageStore, entries: readonly LayerEntry[]): Bytes {
  let size = 0;
  try {
    for (const slab of tarSlabs(entries, () => Buffer.allocUnsafeSlow(SLAB_BYTES))) {
      ctx.signal.throwIfAborted();
      yield slab;
      size += slab.byteLength;
      ctx.progress.advance(size);
      await setImmediate(); // signals and progress get their turn between the synchronous file calls
    }
  } catch (error) {
    throw await describeDamage(store, entries, error);
  }
}
