import { rm } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";

import type { Context } from "../base/context.ts";
import { writing } from "../base/disk-error.ts";
import { SLAB_BYTES } from "./hash-ring.ts";
import { OutputFile } from "./output-file.ts";
import type { LayerEntry } from "./tar-entry.ts";
import { tarSlabs } from "./tar-writer.ts";

/**
 * Writes a tar file without hashing it; after a failure it is not there. It is not synced to the disk.
 * @returns its size in bytes.
 */
export async function writeTar(ctx: Context, entries: Iterable<LayerEntry>, destination: string): Promise<number> {
  const buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  const output = new OutputFile(destination);
  try {
    await writing(destination, async () => {
      for (const slab of tarSlabs(entries, () => buffer)) {
        ctx.signal.throwIfAborted();
        output.write(slab);
        ctx.progress.advance(output.size);
        await setImmediate(); // signals and progress get their turn between the synchronous file calls
      }
    });
    return output.size;
  } catch (error) {
    await rm(destination, { force: true });
    throw error;
  } finally {
    output.close();
  }
}
