import { exportLayers, importLayers, type CachePlace } from "../build/cache/imported-layers.ts";
import { LayerCache } from "../build/cache/layer-cache.ts";
import { runTask, type Context } from "../base/context.ts";
import { parseReference, renderReference } from "../oci/reference.ts";
import { ImageStore } from "../store/image-store.ts";
import type { ImageEnvironment } from "./image-environment.ts";

/** Where layers are kept for builds on other machines. */
export type CacheLocation =
  | { readonly type: "local"; readonly folder: string }
  | { readonly type: "registry"; readonly reference: string };

export interface BuildCacheOptions {
  /** In ms since 1970. */
  readonly now: () => number;
  /** False: every layer is made again. */
  readonly reads: boolean;
  /** True: files are read again although the system says that they have not changed. */
  readonly verifies: boolean;
  readonly maxAgeMs?: number | undefined;
  readonly from: readonly CacheLocation[];
  readonly to: readonly CacheLocation[];
}

/** The cache of one build: opened before it, kept after it has succeeded. */
export class BuildCache implements AsyncDisposable {
  readonly layers: LayerCache;
  readonly #environment: ImageEnvironment;
  readonly #to: readonly CacheLocation[];
  readonly #opened: readonly AsyncDisposable[];

  private constructor(
    environment: ImageEnvironment,
    { layers, to, opened }: { layers: LayerCache; to: readonly CacheLocation[]; opened: readonly AsyncDisposable[] },
  ) {
    this.layers = layers;
    this.#environment = environment;
    this.#to = to;
    this.#opened = opened;
  }

  static async open(ctx: Context, environment: ImageEnvironment, options: BuildCacheOptions): Promise<BuildCache> {
    const { from, to, reads } = options;
    const places: OpenPlace[] = [];
    for (const location of reads ? from : []) places.push(await openPlace(ctx, environment, location));
    const imported = [];
    for (const place of places) {
      imported.push(await runTask(ctx, `read the cache ${place.title}`, (inner) => importLayers(inner, place)));
    }
    const layers = new LayerCache(environment.store, { ...options, imported, exports: to.length > 0 });
    return new BuildCache(environment, { layers, to, opened: places.flatMap(({ opened }) => opened ?? []) });
  }

  /** What was learned is kept for the next build here, and for those that the cache is written for. */
  async keep(ctx: Context): Promise<void> {
    await this.layers.save();
    for (const location of this.#to) {
      const to = await openPlace(ctx, this.#environment, location);
      try {
        await runTask(ctx, `write the cache ${to.title}`, (inner) =>
          exportLayers(inner, { layers: this.layers.layers, source: this.#environment.store, to }),
        );
      } finally {
        await to.opened?.[Symbol.asyncDispose]();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of this.#opened) await opened[Symbol.asyncDispose]();
  }
}

interface OpenPlace extends CachePlace {
  readonly opened?: AsyncDisposable;
}

/** What a cache is called in a layout, which may have images beside it. */
const LOCAL_NAME = "localhost/build-cache:latest";

async function openPlace(ctx: Context, environment: ImageEnvironment, location: CacheLocation): Promise<OpenPlace> {
  if (location.type === "local") {
    const store = await ImageStore.open(ctx, location.folder);
    return { target: store, name: LOCAL_NAME, title: location.folder, opened: store };
  }
  const reference = parseReference(location.reference);
  const target = await environment.openDestination(reference);
  return { target, name: reference.tag ?? "latest", title: renderReference(reference) };
}
