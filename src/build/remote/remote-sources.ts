import { join } from "node:path";

import type { Context } from "../../base/context.ts";
import { ContentCache, type CachedFile } from "../../sources/content-cache.ts";
import { FETCH_POLICY, type FetchPolicy } from "../../sources/fetch-file.ts";
import { fetchUrl, type UrlRequest } from "./fetch-url.ts";
import { checkOut, type Checkout } from "./git-checkout.ts";
import type { GitReference } from "./remote-reference.ts";

/** What a build takes from other hosts, kept by content in a folder that all builds share. */
export class RemoteSources {
  readonly #cacheRoot: string;
  readonly #policy: FetchPolicy;

  constructor(cacheRoot: string, policy: FetchPolicy = FETCH_POLICY) {
    this.#cacheRoot = cacheRoot;
    this.#policy = policy;
  }

  /** @throws {RemoteSourceError} */
  async file(ctx: Context, request: UrlRequest): Promise<CachedFile & { readonly path: string }> {
    const cache = new ContentCache(join(this.#cacheRoot, "sources"));
    return fetchUrl(ctx, request, { cache, policy: this.#policy });
  }

  /** @throws {RemoteSourceError} */
  async repository(ctx: Context, reference: GitReference): Promise<Checkout> {
    return checkOut(ctx, reference, join(this.#cacheRoot, "git"));
  }
}
