import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { backgroundContext, type Context } from "../../../src/base/context.ts";
import type { PlanOptions } from "../../../src/build/build-plan.ts";
import { openBuildContext } from "../../../src/build/context/open-context.ts";
import { executeBuild, type BuiltImage } from "../../../src/build/execute.ts";
import { cacheImages, type CacheRequest } from "../../../src/build/image-cache/cache-images.ts";
import { openLocalTree } from "../../../src/build/context/local-tree.ts";
import { planBuild } from "../../../src/build/plan.ts";
import { DEFAULT_RUN_SETTINGS, type RunSettings } from "../../../src/build/run/run-settings.ts";
import { parseKubefile } from "../../../src/kubefile/parse.ts";
import { openImageFiles, type ImageFiles } from "../../../src/store/image-files.ts";
import { ImageStore } from "../../../src/store/image-store.ts";

export const AMD64 = { os: "linux", architecture: "amd64" } as const;

/** Files by their text, links by `-> target`, permission bits behind a `|`. */
export type ContextFiles = Readonly<Record<string, string | Uint8Array>>;

/** A build context and a store in a folder of their own. */
export class BuildScene implements AsyncDisposable {
  readonly ctx: Context = backgroundContext();
  readonly folder = mkdtempSync(join(tmpdir(), "build-scene-"));
  readonly contextDirectory = join(this.folder, "context");
  readonly storeDirectory = join(this.folder, "store");
  /** What RUN may use. */
  commands: Partial<RunSettings> = {};
  #store: ImageStore | undefined;

  constructor(files: ContextFiles = {}) {
    mkdirSync(this.contextDirectory);
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  write(path: string, content: string | Uint8Array, mode = 0o644): void {
    const place = join(this.contextDirectory, path);
    mkdirSync(dirname(place), { recursive: true });
    if (typeof content === "string" && content.startsWith("-> ")) return symlinkSync(content.slice(3), place);
    writeFileSync(place, content);
    chmodSync(place, mode);
  }

  async store(): Promise<ImageStore> {
    return (this.#store ??= await ImageStore.open(this.ctx, this.storeDirectory));
  }

  async build(
    kubefile: string,
    options: Partial<PlanOptions> = {},
    caching: Partial<CacheRequest> = {},
  ): Promise<BuiltImage> {
    const store = await this.store();
    const cache = await cacheImages(this.ctx, {
      context: openLocalTree(this.contextDirectory),
      platform: AMD64,
      store,
      pull: async (_, { name }) => store.resolve(this.ctx, name),
      ...caching,
    });
    return executeBuild(this.ctx, planBuild(parseKubefile(kubefile, "Kubefile"), { platform: AMD64, ...options }), {
      store,
      context: openBuildContext(this.contextDirectory, { overlay: cache.tree }),
      bill: cache.bill,
      notes: cache.notes,
      commands: { ...DEFAULT_RUN_SETTINGS, ...this.commands },
      buildContexts: new Map(),
      findImage: async (ctx, name) => (await store.find(ctx, name)).descriptor,
    });
  }

  async files({ manifest }: Pick<BuiltImage, "manifest">): Promise<ImageFiles> {
    return openImageFiles(this.ctx, await this.store(), manifest);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store?.[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One line a path: `path mode uid:gid`, then a link's target or a file's digest. */
export function listFiles({ tree }: ImageFiles): string[] {
  return [...tree].map(([path, entry]) => {
    const { mode, uid, gid } = entry;
    const content = entry.type === "file" ? entry.sha256.slice(0, 8) : entry.type === "symlink" ? entry.target : "/";
    return `${path} ${mode.toString(8)} ${uid}:${gid} ${content}`;
  });
}
