import { join } from "node:path";

import type { Context } from "../../base/context.ts";
import { ContentCache, type CachedFile } from "../../sources/content-cache.ts";
import { fetchUrl, type UrlRequest } from "./fetch-url.ts";
import { checkOut, type Checkout } from "./git-checkout.ts";
import type { GitReference } from "./remote-reference.ts";

/** What a build takes from other hosts, kept by content in a folder that all builds share. */
export class RemoteSources {
  readonly #cacheRoot: string;
  readonly #isOffline: boolean;

  /** @param isOffline true: what the cache does not have is refused, unless this machine has it. */
  constructor(cacheRoot: string, { isOffline }: { readonly isOffline: boolean }) {
    this.#cacheRoot = cacheRoot;
    this.#isOffline = isOffline;
  }

  /** @throws {RemoteSourceError} */
  async file(ctx: Context, request: UrlRequest): Promise<CachedFile & { readonly path: string }> {
    const cache = new ContentCache(join(this.#cacheRoot, "sources"));
    return fetchUrl(ctx, request, { cache, isOffline: this.#isOffline });
  }

  /** @throws {RemoteSourceError} */
  async repository(ctx: Context, reference: GitReference): Promise<Checkout> {
    return checkOut(ctx, reference, { root: join(this.#cacheRoot, "git"), isOffline: this.#isOffline });
  }
}
