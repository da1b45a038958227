import { mapLimit } from "../base/concurrency.ts";
import type { Context } from "../base/context.ts";
import { bytesOf } from "../base/bytes.ts";
import { NotFoundError } from "../base/error.ts";
import type { ContentStore, Fetcher, ImageReader, ImageTarget } from "./content.ts";
import { copyGraph, type CopyOptions } from "./copy-graph.ts";
import type { Descriptor } from "./descriptor.ts";
import { algorithmOf, digestOf, hexOf, type Digest } from "./digest.ts";
import { isImageIndex, parseManifest, type ImageIndex } from "./manifest.ts";
import { isDocumentType, isIndexType, MEDIA_TYPES } from "./media-type.ts";
import { fetchDocument, openContent } from "./verify.ts";

/** Content with what is said about it: signatures, bills of materials, attestations. */
export interface ReferrerSource extends Fetcher {
  /** The descriptor behind a tag; undefined when there is none. */
  findTag(ctx: Context, tag: string): Promise<Descriptor | undefined>;
  /**
   * The manifests whose subject is this one.
   * @returns undefined when the place does not keep that by itself: it is then in the index tagged `sha256-<hex>`.
   */
  listReferrers(ctx: Context, subject: Digest): Promise<readonly Descriptor[] | undefined>;
}

export interface ReferrerTarget extends ReferrerSource, ContentStore {
  tag(ctx: Context, target: Descriptor, name: string): Promise<void>;
}

/** A repository with what is said about its images; one that cannot list that itself has it below tags. */
export function withReferrers(target: ImageTarget): ReferrerTarget {
  return {
    ...readReferrers(target),
    has: (ctx, content) => target.has(ctx, content),
    push: (ctx, expected, content) => target.push(ctx, expected, content),
    tag: (ctx, content, name) => target.tag(ctx, content, name),
  };
}

/** {@link withReferrers} for a repository that is only read. */
export function readReferrers(source: ImageReader): ReferrerSource {
  return {
    fetch: (ctx, content) => source.fetch(ctx, content),
    fetchFrom: (ctx, target, offset) => openContent(ctx, source, { target, offset }),
    listReferrers: async (ctx, subject) => source.listReferrers?.(ctx, subject),
    async findTag(ctx, tag) {
      try {
        return await source.resolve(ctx, tag);
      } catch (error) {
        if (error instanceof NotFoundError) return undefined;
        throw error;
      }
    },
  };
}

/** The tags below which cosign keeps what it says about an image. */
const COSIGN_SUFFIXES = ["sig", "att", "sbom"];
const REFERRER_TAG = /^sha(?:256-[0-9a-f]{64}|512-[0-9a-f]{128})(?:\.(?:sig|att|sbom))?$/;

/** True for the tag of an index of referrers or of something of cosign's; it is no image's name. */
export function isReferrerTag(text: string): boolean {
  return REFERRER_TAG.test(text);
}

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema */
export function referrersTag(subject: Digest): string {
  return `${algorithmOf(subject)}-${hexOf(subject)}`;
}

/** The digest that a referrer tag is about. */
export function subjectOfTag(tag: string): string {
  return tag.replace(/\..*$/, "").replace("-", ":");
}

/**
 * Copies what is said about an image, about the images of an index, and about that in turn. The image itself is there.
 * @returns how many manifests that were.
 */
export async function copyReferrers(
  ctx: Context,
  { from, to, root }: { from: ReferrerSource; to: ReferrerTarget; root: Descriptor },
  options: CopyOptions = {},
): Promise<number> {
  const seen = new Set<Digest>();
  const queue = [...(await documentsOf(ctx, to, root))];
  for (let wave = queue.splice(0); wave.length > 0; wave = queue.splice(0)) {
    const fresh = wave.filter(({ digest }) => !seen.has(digest));
    for (const { digest } of fresh) seen.add(digest);
    const found = await mapLimit(ctx, { items: fresh, limit: options.concurrency ?? 4 }, (inner, subject) =>
      copyOf(inner, { from, to, subject: subject.digest }, options),
    );
    queue.push(...found.flat());
  }
  return seen.size - (await documentsOf(ctx, to, root)).length;
}

async function copyOf(
  ctx: Context,
  { from, to, subject }: { from: ReferrerSource; to: ReferrerTarget; subject: Digest },
  options: CopyOptions,
): Promise<readonly Descriptor[]> {
  const referrers = await referrersOf(ctx, from, subject);
  for (const referrer of referrers) await copyGraph(ctx, { from, to, root: plain(referrer) }, options);
  if (referrers.length > 0) await recordReferrers(ctx, to, { subject, referrers });
  return [...referrers.map(plain), ...(await copyTagged(ctx, { from, to, subject }, options))];
}

async function copyTagged(
  ctx: Context,
  { from, to, subject }: { from: ReferrerSource; to: ReferrerTarget; subject: Digest },
  options: CopyOptions,
): Promise<readonly Descriptor[]> {
  const tags = COSIGN_SUFFIXES.map((suffix) => `${referrersTag(subject)}.${suffix}`);
  const found = await mapLimit(ctx, { items: tags, limit: tags.length }, (inner, tag) => from.findTag(inner, tag));
  const copied: Descriptor[] = [];
  for (const [position, tag] of tags.entries()) {
    const target = found[position];
    if (!target) continue;
    await copyGraph(ctx, { from, to, root: target }, options);
    await to.tag(ctx, target, tag);
    copied.push(plain(target));
  }
  return copied;
}

/** What is said about one manifest. */
export async function referrersOf(ctx: Context, from: ReferrerSource, subject: Digest): Promise<readonly Descriptor[]> {
  const listed = await from.listReferrers(ctx, subject);
  return listed ?? (await taggedIndex(ctx, from, subject)).manifests;
}

/** Adds to the index of referrers, where the place does not make it by itself. */
async function recordReferrers(
  ctx: Context,
  to: ReferrerTarget,
  { subject, referrers }: { subject: Digest; referrers: readonly Descriptor[] },
): Promise<void> {
  if ((await to.listReferrers(ctx, subject)) !== undefined) return;
  const before = await taggedIndex(ctx, to, subject);
  const known = new Set(before.manifests.map(({ digest }) => digest));
  const added = referrers.filter(({ digest }) => !known.has(digest));
  if (added.length === 0) return;
  const content = Buffer.from(JSON.stringify({ ...before, manifests: [...before.manifests, ...added] }));
  const index = { mediaType: MEDIA_TYPES.ociIndex, digest: digestOf(content), size: content.byteLength };
  await to.push(ctx, index, bytesOf(content));
  await to.tag(ctx, index, referrersTag(subject));
}

async function taggedIndex(ctx: Context, from: ReferrerSource, subject: Digest): Promise<ImageIndex> {
  const tagged = await from.findTag(ctx, referrersTag(subject));
  if (tagged && isIndexType(tagged.mediaType)) {
    const index = parseManifest(await fetchDocument(ctx, from, tagged), tagged.mediaType);
    if (isImageIndex(index)) return index;
  }
  return { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] };
}

/** The manifest or index itself, and what an index lists. */
async function documentsOf(ctx: Context, source: Fetcher, root: Descriptor): Promise<readonly Descriptor[]> {
  if (!isIndexType(root.mediaType)) return isDocumentType(root.mediaType) ? [root] : [];
  const index = parseManifest(await fetchDocument(ctx, source, root), root.mediaType);
  const children = isImageIndex(index) ? index.manifests : [];
  const below: Descriptor[] = [root];
  for (const child of children) below.push(...(await documentsOf(ctx, source, child)));
  return below;
}

/** What identifies a manifest, without what its index says about it. */
function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
