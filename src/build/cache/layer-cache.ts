import type { EntryContent, LayerEntry } from "../../archive/tar-entry.ts";
import type { Context } from "../../base/context.ts";
import { copyGraph } from "../../oci/copy-graph.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Compression } from "../../oci/media-type.ts";
import type { ImageStore } from "../../store/image-store.ts";
import { LayerRecords, type LayerRecord } from "../../store/layer-records.ts";
import { isLocalContent } from "../context/local-tree.ts";
import { FileHashes } from "./file-hashes.ts";
import type { ImportedLayers } from "./imported-layers.ts";
import { layerKeys, type LayerKeys } from "./layer-keys.ts";

/** Up to here reading the files first costs less than anybody notices. */
const SMALL_BYTES = 64 * 1024 * 1024;

export interface LayerCacheOptions {
  /** In ms since 1970. */
  readonly now: () => number;
  /** False: nothing is taken from the cache, all is put into it; default true. */
  readonly reads?: boolean;
  /** True: files are read again, whatever the system says of them. */
  readonly verifies?: boolean;
  /** Older layers are made again; absent: at any age. */
  readonly maxAgeMs?: number | undefined;
  /** Caches of other machines, the first one first. */
  readonly imported?: readonly ImportedLayers[];
  /** The layers of this build are wanted by `layers`, so that all files are hashed. */
  readonly exports?: boolean;
}

/** A layer that is in the store. */
export interface CachedLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

export interface LayerLookup {
  readonly keys: LayerKeys;
  readonly found: CachedLayer | undefined;
  /** When the files had been looked at, and were not read yet. */
  readonly startMs: number;
  /** True when nobody can have changed a file since without a sign of it. */
  readonly isSettled: boolean;
}

/**
 * Layers by what they are made of. An unchanged layer is recognised without reading its files; one whose files have
 * other times, by their content. The content of a large layer is not asked for before such a layer is made for the
 * second time: nobody builds for the first time slower because there is a cache.
 */
export class LayerCache {
  readonly #store: ImageStore;
  readonly #options: LayerCacheOptions;
  readonly #records: LayerRecords;
  readonly #files: FileHashes;
  readonly #used = new Map<string, LayerRecord>();

  constructor(store: ImageStore, options: LayerCacheOptions) {
    this.#store = store;
    this.#options = options;
    this.#records = new LayerRecords(store.root);
    this.#files = new FileHashes(store.root, { now: options.now, trusts: options.verifies !== true });
  }

  /** The layers of this build by their content, for `exportLayers`. */
  get layers(): ReadonlyMap<string, LayerRecord> {
    return this.#used;
  }

  /** Finds a layer of these entries, if there is one, and what it can be recognised by. */
  async look(ctx: Context, entries: readonly LayerEntry[], compression: Compression): Promise<LayerLookup> {
    const startMs = this.#options.now();
    const lasting = { startMs, isSettled: entries.every((entry) => isSettledAt(entry, startMs)) };
    const keys = layerKeys(entries, { compression, knownHash: inherentHash });
    const records = this.#options.reads === false ? [] : await this.#records.find(keys.shape);
    const { exports = false, verifies = false } = this.#options;
    if (!verifies && !exports) {
      const found = await this.#findIn(ctx, records, keys.stat);
      if (found) return { ...lasting, keys, found };
    }
    if (!this.#needsContent(entries, records.length > 0)) return { ...lasting, keys, found: undefined };
    const hashes = await this.#files.hashAll(ctx, contentsOf(entries));
    const { content } = layerKeys(entries, { compression, knownHash: (wanted) => hashes.get(wanted) });
    const complete = { ...lasting, keys: { ...keys, content } };
    const found = (await this.#findIn(ctx, records, content)) ?? (await this.#import(ctx, content));
    if (found) await this.#remember(complete, found);
    return { ...complete, found };
  }

  /** Makes a layer that was not found, and remembers it. */
  async learn(lookup: LayerLookup, make: () => Promise<CachedLayer>): Promise<CachedLayer> {
    const made = await make();
    await this.#remember(lookup, { ...made, createdMs: lookup.startMs });
    return made;
  }

  /** What these entries can be recognised by, also when no layer is made of them. */
  async keyOf(ctx: Context, entries: readonly LayerEntry[]): Promise<string | undefined> {
    const hashes = await this.#files.hashAll(ctx, contentsOf(entries));
    return layerKeys(entries, { compression: "none", knownHash: (wanted) => hashes.get(wanted) }).content;
  }

  /** Finds what a command has made; see `commandKey`. */
  async findCommand(ctx: Context, key: string): Promise<CachedLayer | undefined> {
    const records = this.#options.reads === false ? [] : await this.#records.find(key);
    const found = (await this.#findIn(ctx, records, key)) ?? (await this.#import(ctx, key));
    if (found) this.#used.set(key, { ...found, keys: [key] });
    return found;
  }

  async learnCommand(key: string, layer: CachedLayer): Promise<void> {
    const record = { ...layer, createdMs: this.#options.now(), keys: [key] };
    this.#used.set(key, record);
    await this.#records.add(key, record);
  }

  /** Keeps the hashes of files for the next build. */
  async save(): Promise<void> {
    await this.#files.save();
  }

  #needsContent(entries: readonly LayerEntry[], isKnown: boolean): boolean {
    const { reads, exports, imported = [] } = this.#options;
    if (exports) return true;
    if (reads === false) return false;
    if (isKnown || imported.length > 0) return true;
    return entries.reduce((sum, { entry }) => sum + entry.size, 0) <= SMALL_BYTES;
  }

  async #findIn(
    ctx: Context,
    records: readonly LayerRecord[],
    key: string | undefined,
  ): Promise<LayerRecord | undefined> {
    if (key === undefined) return undefined;
    for (const record of records) {
      if (!record.keys.includes(key) || !this.#isYoung(record)) continue;
      if (await this.#store.has(ctx, record.descriptor)) return record;
    }
    return undefined;
  }

  async #import(ctx: Context, key: string | undefined): Promise<LayerRecord | undefined> {
    if (key === undefined || this.#options.reads === false) return undefined;
    for (const { layers, source } of this.#options.imported ?? []) {
      const record = layers.get(key);
      if (!record || !this.#isYoung(record)) continue;
      await copyGraph(ctx, { from: source, to: this.#store, root: record.descriptor });
      return record;
    }
    return undefined;
  }

  #isYoung({ createdMs }: LayerRecord): boolean {
    const { maxAgeMs, now } = this.#options;
    return maxAgeMs === undefined || now() - createdMs < maxAgeMs;
  }

  async #remember(
    { keys: { shape, stat, content }, isSettled }: Omit<LayerLookup, "found">,
    { descriptor, diffId, createdMs }: CachedLayer & { createdMs: number },
  ): Promise<void> {
    const keys = [...(content === undefined ? [] : [content]), ...(stat === undefined || !isSettled ? [] : [stat])];
    const record = { descriptor, diffId, createdMs, keys };
    if (content !== undefined) this.#used.set(content, record);
    await this.#records.add(shape, record);
  }
}

function inherentHash(content: EntryContent): string | undefined {
  return content instanceof Uint8Array ? undefined : content.sha256;
}

function isSettledAt({ content }: LayerEntry, startMs: number): boolean {
  if (content === undefined || !isLocalContent(content)) return true;
  return FileHashes.isSettled(content, startMs);
}

function contentsOf(entries: readonly LayerEntry[]): EntryContent[] {
  return entries.flatMap(({ content }) => (content === undefined ? [] : [content]));
}
