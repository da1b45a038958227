import { mapLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";
import { bytesOf, counted, type Bytes } from "../base/bytes.ts";
import { retry, type RetryPolicy } from "../base/retry.ts";
import type { ContentStore, Fetcher } from "./content.ts";
import type { Descriptor } from "./descriptor.ts";
import type { Digest } from "./digest.ts";
import { childrenOf, isImageIndex, parseManifest } from "./manifest.ts";
import { isDocumentType, isForeignLayer, isIndexType } from "./media-type.ts";
import { rankPlatform, type Platform } from "./platform.ts";
import { fetchDocument, isVerified, markVerified, openContent } from "./verify.ts";

export interface CopyOptions {
  /** Copies at the same time; default 4. */
  readonly concurrency?: number;
  /** When the transfer of a blob is done again from its start; default: never. */
  readonly retry?: RetryPolicy;
  /** What several calls at the same time copy to one destination: each waits for what another one has begun. */
  readonly underWay?: Map<Digest, Promise<void>>;
}

const ONCE: RetryPolicy = { attempts: 1, firstDelayMs: 0, isTransient: () => false };

interface Copy {
  readonly from: Fetcher;
  readonly to: ContentStore;
  readonly root: Descriptor;
}

/**
 * Copies everything that `root` refers to from one store to another, children before parents, so that a document never
 * names something that is not there. What the destination has is not sent again, and what several images of an index
 * share is sent once.
 */
export async function copyGraph(ctx: Context, copy: Copy, options: CopyOptions = {}): Promise<void> {
  await copyOnce(ctx, { ...copy, copies: new Map() }, options);
}

type SharedCopy = Copy & { readonly copies: Map<Digest, Promise<void>> };

/** Joins the copy of the same content that is under way. When that one fails, so does the whole. */
function copyOnce(ctx: Context, copy: SharedCopy, options: CopyOptions): Promise<void> {
  const { copies, root } = copy;
  const copying = copies.get(root.digest) ?? copyInTurn(ctx, copy, options);
  copies.set(root.digest, copying);
  return copying;
}

/** What another call has begun and does not finish is copied here after all. */
async function copyInTurn(ctx: Context, copy: SharedCopy, options: CopyOptions): Promise<void> {
  const { underWay } = options;
  const { digest } = copy.root;
  for (let other = underWay?.get(digest); other; other = underWay?.get(digest)) await other.catch(() => undefined);
  const copying = copyAll(ctx, copy, options);
  underWay?.set(digest, copying);
  try {
    await copying;
  } finally {
    underWay?.delete(digest);
  }
}

async function copyAll(ctx: Context, copy: SharedCopy, options: CopyOptions): Promise<void> {
  const { from, to, root } = copy;
  // Whoever runs the image gets such a layer from the URLs of its descriptor.
  if (isForeignLayer(root.mediaType)) return;
  if (await to.has(ctx, root)) return;
  if (!isDocumentType(root.mediaType)) return copyBlob(ctx, copy, options);
  const content = await fetchDocument(ctx, from, root);
  const children = childrenOf(parseManifest(content, root.mediaType));
  await mapLimit(ctx, { items: children, limit: options.concurrency ?? 4 }, (inner, child) =>
    copyOnce(inner, { ...copy, root: child }, options),
  );
  await to.push(ctx, root, bytesOf(content));
}

/**
 * The manifest for `platform` behind `root`, which may be that manifest itself or an index that lists it, also in an
 * index inside of it. Of several that run there, the closest variant.
 */
export async function findPlatform(
  ctx: Context,
  source: Fetcher,
  { root, platform }: { root: Descriptor; platform: Platform },
): Promise<Descriptor | undefined> {
  if (!isIndexType(root.mediaType)) return root;
  const index = parseManifest(await fetchDocument(ctx, source, root), root.mediaType);
  if (!isImageIndex(index)) return root;
  for (const child of byPreference(index.manifests, platform)) {
    const found = await findPlatform(ctx, source, { root: child, platform });
    if (found) return found;
  }
  return undefined;
}

/** What says no platform comes last: it may be an index. */
function byPreference(children: readonly Descriptor[], wanted: Platform): readonly Descriptor[] {
  return children
    .flatMap((child) => {
      const rank = child.platform ? rankPlatform(child.platform, wanted) : Number.MAX_VALUE;
      return rank === undefined ? [] : [{ child, rank }];
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ child }) => child);
}

async function copyBlob(ctx: Context, { from, to, root }: Copy, options: CopyOptions): Promise<void> {
  await runTask(ctx, `blob ${root.digest.slice(0, 19)}`, (inner) =>
    retry(inner, options.retry ?? ONCE, () => {
      const openRest = async (offset: number): Promise<Bytes> => {
        const content = await openContent(inner, from, { target: root, offset });
        const reported = counted(content, (size) => inner.progress.advance(offset + size, root.size));
        return isVerified(content, root) ? markVerified(reported, root) : reported;
      };
      return to.receive ? to.receive(inner, root, openRest) : openRest(0).then((all) => to.push(inner, root, all));
    }),
  );
}
