import { ChangedFileError } from "../../archive/errors.ts";
import type { LayerEntry } from "../../archive/tar-entry.ts";
import { tarStream } from "../../archive/tar-stream.ts";
import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { discardDamaged } from "../damage.ts";
import type { ImageStore } from "../image-store.ts";
import { findDigest } from "../layout.ts";

/**
 * An archive of these members, in chunks that are valid until the next one is asked for. Every blob is verified on its
 * way; the error of a damaged one says which image it is of.
 */
export async function* streamArchive(ctx: Context, store: ImageStore, entries: readonly LayerEntry[]): Bytes {
  let size = 0;
  try {
    for await (const chunk of tarStream(ctx, entries)) {
      ctx.signal.throwIfAborted();
      yield chunk;
      size += chunk.byteLength;
      ctx.progress.advance(size);
    }
  } catch (error) {
    throw await describeDamage(store, entries, error);
  }
}

async function describeDamage(store: ImageStore, entries: readonly LayerEntry[], error: unknown): Promise<unknown> {
  if (!(error instanceof ChangedFileError)) return error;
  const damaged = entries.find(({ content }) => content && "path" in content && content.path === error.path);
  const digest = damaged && findDigest(damaged.entry.path);
  return digest ? discardDamaged(store.root, { digest }, error) : error;
}
