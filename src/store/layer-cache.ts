import { mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import { writeFileAtomic } from "../base/atomic-file.ts";
import type { Bytes } from "../base/bytes.ts";
import { runTask, type Context } from "../base/context.ts";
import { InputError, systemCode } from "../base/error.ts";
import { indexLayer, type IndexedLayer } from "../archive/layer-reader.ts";
import type { TarEntryType } from "../archive/tar-entry.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { algorithmOf, hexOf, type Digest } from "../oci/digest.ts";
import { findCompression } from "../oci/media-type.ts";
import { discardDamaged } from "./damage.ts";
import type { ImageStore } from "./image-store.ts";
import { LAYER_CACHE_FOLDER } from "./layout.ts";

const FORMAT = 5;

/** A layer's members, and the uncompressed tar that has their content. */
export interface OpenLayer {
  readonly tarPath: string;
  readonly members: readonly LayerMember[];
}

/** The part of a member that an image's tree needs. */
export interface LayerMember {
  readonly path: string;
  readonly type: TarEntryType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** In bytes. */
  readonly size: number;
  /** In seconds since 1970. */
  readonly mtime: number;
  /** Of its content in the uncompressed tar, in bytes. */
  readonly offset: number;
  readonly linkTarget?: string;
  readonly device?: { readonly major: number; readonly minor: number };
  /** Values in hex digits. */
  readonly xattrs?: Readonly<Record<string, string>>;
  /** Of a file's content, in hex digits. */
  readonly sha256?: string;
}

export interface LayerIdentity {
  readonly layer: Descriptor;
  /** Digest of the uncompressed layer. */
  readonly diffId: Digest;
}

/**
 * Opens a layer: the first time it is unpacked if need be, verified and indexed; what that gave is kept by the diff ID.
 * @throws {IntegrityError} when the blob is damaged; it is removed then.
 */
export async function openLayer(ctx: Context, store: ImageStore, identity: LayerIdentity): Promise<OpenLayer> {
  const location = locate(store, identity);
  const blobIsNeeded = location.tarPath === location.blobPath;
  if (!blobIsNeeded || (await store.has(ctx, identity.layer))) {
    const members = (await store.touch(location.tarPath)) ? await findMembers(location) : undefined;
    if (members) return { tarPath: location.tarPath, members };
  }
  return runTask(ctx, `index layer ${identity.layer.digest.slice(0, 19)}`, (inner) =>
    indexAndKeep(inner, store, { ...identity, ...location }),
  );
}

interface LayerLocation {
  readonly blobPath: string;
  /** The blob itself when it is not compressed. */
  readonly tarPath: string;
  readonly indexPath: string;
  readonly compression: "none" | "gzip" | "zstd";
}

function locate(store: ImageStore, { layer, diffId }: LayerIdentity): LayerLocation {
  const compression = findCompression(layer.mediaType);
  if (!compression) throw new InputError(`Cannot open layer ${layer.digest}: its media type is "${layer.mediaType}"`);
  if (algorithmOf(layer.digest) !== "sha256" || algorithmOf(diffId) !== "sha256") {
    throw new InputError(`Cannot open layer ${layer.digest}: it is not named by SHA-256`);
  }
  const blobPath = store.blobPath(layer.digest);
  const base = join(store.root, LAYER_CACHE_FOLDER, hexOf(diffId));
  const tarPath = compression === "none" ? blobPath : `${base}.tar`;
  return { blobPath, tarPath, indexPath: `${base}.json`, compression };
}

async function indexAndKeep(
  ctx: Context,
  store: ImageStore,
  location: LayerIdentity & LayerLocation,
): Promise<OpenLayer> {
  await mkdir(dirname(location.indexPath), { recursive: true });
  const temporary = store.createTemporary();
  try {
    const indexed = await indexVerified(ctx, store, { ...location, temporary });
    const members = toMembers(indexed);
    if (location.tarPath !== location.blobPath) await rename(temporary, location.tarPath);
    await writeFileAtomic(location.indexPath, JSON.stringify({ format: FORMAT, size: indexed.diffSize, members }));
    return { tarPath: location.tarPath, members };
  } finally {
    await rm(temporary, { force: true });
  }
}

async function indexVerified(
  ctx: Context,
  store: ImageStore,
  { layer, diffId, blobPath, compression, temporary }: LayerIdentity & LayerLocation & { temporary: string },
): Promise<IndexedLayer> {
  const content = await store.fetch(ctx, layer); // not read here: this says whether it is there
  let indexed: IndexedLayer;
  try {
    indexed = await indexLayer(ctx, { path: blobPath, compression, unpackTo: temporary });
  } catch (error) {
    if (error instanceof InputError) await drain(content); // throws the better error when the blob is damaged
    throw error;
  }
  if (indexed.sha256 !== hexOf(layer.digest)) throw await discardDamaged(store.root, layer, undefined);
  if (indexed.diffSha256 === hexOf(diffId)) return indexed;
  throw new InputError(`Cannot open layer ${layer.digest}: it unpacks to sha256:${indexed.diffSha256}, not ${diffId}`);
}

function toMembers({ entries }: IndexedLayer): LayerMember[] {
  return entries.map(({ entry, offset, sha256 }) => {
    const { xattrs, ...member } = entry;
    const attributes = xattrs === undefined ? {} : { xattrs: toHex(xattrs) };
    return { ...member, offset, ...attributes, ...(sha256 === undefined ? {} : { sha256 }) };
  });
}

function toHex(xattrs: Readonly<Record<string, Uint8Array>>): Record<string, string> {
  return Object.fromEntries(Object.entries(xattrs).map(([name, value]) => [name, Buffer.from(value).toString("hex")]));
}

/**
 * @returns undefined when there is no index, one of another version of this program, or one of a tar that has another
 * size: unpacked layers are not synced, so a loss of power can cut them short.
 */
async function findMembers({ indexPath, tarPath }: LayerLocation): Promise<readonly LayerMember[] | undefined> {
  try {
    const document: unknown = JSON.parse(await readFile(indexPath, "utf8"));
    return isLayerIndex(document) && document.size === (await stat(tarPath)).size ? document.members : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Whole and of this format: it was written by `writeFileAtomic` here and by nobody else. */
function isLayerIndex(value: unknown): value is { readonly size: unknown; readonly members: readonly LayerMember[] } {
  return (
    typeof value === "object" &&
    value !== null &&
    "format" in value &&
    value.format === FORMAT &&
    "size" in value &&
    "members" in value &&
    Array.isArray(value.members)
  );
}

async function drain(content: Bytes): Promise<void> {
  for await (const _ of content);
}
