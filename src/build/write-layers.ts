import { rm } from "node:fs/promises";

import { writeLayer } from "../archive/layer-writer.ts";
import type { LayerEntry } from "../archive/tar-entry.ts";
import { mapLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";
import { InputError, KnownError, systemCode } from "../base/error.ts";
import { Gate } from "../base/gate.ts";
import { renderSize } from "../base/text.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { parseDigest, type Digest } from "../oci/digest.ts";
import { layerMediaType, type Compression } from "../oci/media-type.ts";
import type { ImageStore } from "../store/image-store.ts";
import type { LayerCache } from "./cache/layer-cache.ts";
import { commandKey } from "./cache/layer-keys.ts";
import type { StageLayer } from "./stage.ts";

/** A layer of a finished image. */
export interface BuiltLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

/** Hashing keeps one core busy for each layer that is written. */
const LAYERS_AT_ONCE = 2;

type PlannedLayer = Extract<StageLayer, { kind: "planned" }>;

/** Brings planned layers into the store: each one once, however many stages and platforms have it. */
export class LayerWriter {
  readonly store: ImageStore;
  readonly compression: Compression;
  readonly #cache: LayerCache | undefined;
  readonly #written = new Map<StageLayer, Promise<BuiltLayer>>();
  readonly #writing = new Map<string, Promise<BuiltLayer>>();
  readonly #gate = new Gate(LAYERS_AT_ONCE);

  constructor(store: ImageStore, { compression, cache }: { compression: Compression; cache?: LayerCache | undefined }) {
    this.store = store;
    this.compression = compression;
    this.#cache = cache;
  }

  /** All of these layers, in their order. */
  async writeAll(ctx: Context, layers: readonly StageLayer[]): Promise<readonly BuiltLayer[]> {
    return mapLimit(ctx, { items: layers, limit: LAYERS_AT_ONCE }, (inner, layer) => this.write(inner, layer));
  }

  /** A layer in the store: it is written in one pass from its sources, unless the cache has it. */
  async write(ctx: Context, layer: StageLayer): Promise<BuiltLayer> {
    if (layer.kind === "stored") return layer;
    const written = this.#written.get(layer) ?? this.#gate.run(ctx, () => this.#writeAsTask(ctx, layer));
    this.#written.set(layer, written);
    return written;
  }

  /** Writes a layer that is known to be new. */
  async writeEntries(ctx: Context, entries: readonly LayerEntry[]): Promise<BuiltLayer> {
    return this.#gate.run(ctx, () => writePlanned(ctx, this, entries));
  }

  /** What files can be recognised by; undefined when nothing is remembered. */
  async keyOf(ctx: Context, entries: readonly LayerEntry[]): Promise<string | undefined> {
    return this.#cache?.keyOf(ctx, entries);
  }

  /**
   * The layer that a command makes of the layers below it: out of the cache, or by running it.
   * @param identity all that the result depends on besides those layers; undefined: it is run each time
   */
  async writeCommand(
    ctx: Context,
    { identity, below }: { readonly identity: string | undefined; readonly below: readonly BuiltLayer[] },
    run: (ctx: Context) => Promise<BuiltLayer>,
  ): Promise<BuiltLayer> {
    const cache = this.#cache;
    if (!cache || identity === undefined) return run(ctx);
    const key = commandKey(identity, { diffIds: below.map(({ diffId }) => diffId), compression: this.compression });
    const found = await cache.findCommand(ctx, key);
    if (found) return markCached(ctx, found);
    const layer = await run(ctx);
    await cache.learnCommand(key, layer);
    return layer;
  }

  async #writeAsTask(ctx: Context, layer: PlannedLayer): Promise<BuiltLayer> {
    return runTask(ctx, layer.title, (task) => this.#writeOrFind(task, layer));
  }

  async #writeOrFind(ctx: Context, { entries }: PlannedLayer): Promise<BuiltLayer> {
    if (!this.#cache) return writePlanned(ctx, this, entries);
    const lookup = await this.#cache.look(ctx, entries, this.compression);
    const key = lookup.keys.content ?? lookup.keys.stat;
    const other = key === undefined ? undefined : this.#writing.get(key);
    if (other) {
      ctx.progress.mark("cached", "the same as another layer");
      return other;
    }
    const written = lookup.found
      ? markCached(ctx, lookup.found)
      : this.#cache.learn(lookup, () => writePlanned(ctx, this, entries));
    if (key !== undefined) this.#writing.set(key, written);
    return written;
  }
}

async function markCached(ctx: Context, { descriptor, diffId }: BuiltLayer): Promise<BuiltLayer> {
  ctx.progress.mark("cached", renderSize(descriptor.size));
  return { descriptor, diffId };
}

async function writePlanned(
  ctx: Context,
  { store, compression }: LayerWriter,
  entries: readonly LayerEntry[],
): Promise<BuiltLayer> {
  const destination = store.createTemporary();
  try {
    const { sha256, size, diffSha256 } = await writeLayer(ctx, entries, { destination, compression });
    const descriptor = { mediaType: layerMediaType(compression), digest: parseDigest(`sha256:${sha256}`), size };
    await store.adopt(ctx, destination, descriptor);
    ctx.progress.note(`${entries.length} entries, ${renderSize(size)}`);
    return { descriptor, diffId: parseDigest(`sha256:${diffSha256}`) };
  } catch (error) {
    throw asReadError(error, destination);
  } finally {
    await rm(destination, { force: true });
  }
}

/** What the system says of a file that cannot be opened is the user's to mend. */
function asReadError(error: unknown, destination: string): unknown {
  if (error instanceof KnownError || systemCode(error) === undefined || !(error instanceof Error) || !("path" in error))
    return error;
  const { path } = error;
  if (typeof path !== "string" || path === destination) return error;
  return new InputError(`Cannot read "${path}": ${error.message}`, {
    hint: "Make the file readable, or exclude it in .containerignore",
    cause: error,
  });
}
