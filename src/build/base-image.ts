import type { Context } from "../base/context.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { parseImageConfig, type HistoryEntry, type ImageConfig } from "../oci/image-config.ts";
import { InputError } from "../base/error.ts";
import type { Digest } from "../oci/digest.ts";
import { isImageIndex, parseManifest, type Manifest } from "../oci/manifest.ts";
import { layerMediaType, findCompression } from "../oci/media-type.ts";
import type { Platform } from "../oci/platform.ts";
import { fetchDocument } from "../oci/verify.ts";
import { openImageFiles } from "../store/image-files.ts";
import type { ImageStore } from "../store/image-store.ts";
import { openLayer, type OpenLayer } from "../store/layer-cache.ts";
import {
  uniteLayers,
  type ImageTree,
  type TreeEntry as StoredEntry,
  type TreeFile,
  type TreeSpecial,
} from "../store/image-tree.ts";
import type { TreeEntry } from "./context/file-tree.ts";
import { MemoryTree } from "./context/memory-tree.ts";
import { SCRATCH_STATE, stateOf } from "./stage-state.ts";
import type { Stage, StageLayer } from "./stage.ts";

/** Where a stage FROM scratch begins. */
export function scratchStage({ os, architecture, variant }: Platform): Stage {
  const platform = { architecture, os, ...(variant === undefined ? {} : { variant }) };
  return {
    state: SCRATCH_STATE,
    layers: [],
    history: [],
    image: { ...platform, rootfs: { type: "layers", diff_ids: [] } },
    manifest: undefined,
    openTree: async () => new MemoryTree(),
  };
}

/** Where a stage begins that is based on an image of the store. */
export async function imageStage(ctx: Context, store: ImageStore, manifest: Descriptor): Promise<Stage> {
  const document = parseManifest(await fetchDocument(ctx, store, manifest), manifest.mediaType);
  if (isImageIndex(document))
    throw new InputError(`Cannot build from ${manifest.digest}: it is an index, not an image`);
  const image = parseImageConfig(await fetchDocument(ctx, store, document.config));
  return {
    state: stateOf(image.config ?? {}, image.author),
    layers: storedLayers(manifest, document, image),
    history: historyOf(image),
    image,
    manifest,
    openTree: (ctx) => openImageTree(ctx, store, manifest),
  };
}

/** The files of an image as a tree that a build may change. */
export async function openImageTree(ctx: Context, store: ImageStore, manifest: Descriptor): Promise<MemoryTree> {
  return toMemoryTree(await openImageFiles(ctx, store, manifest));
}

/** The files of layers of the store, the lowest first. */
export async function openLayersTree(
  ctx: Context,
  store: ImageStore,
  layers: readonly { readonly descriptor: Descriptor; readonly diffId: Digest }[],
): Promise<MemoryTree> {
  const opened: OpenLayer[] = [];
  for (const { descriptor: layer, diffId } of layers) opened.push(await openLayer(ctx, store, { layer, diffId }));
  return toMemoryTree(uniteLayers(opened));
}

/** The same files as a tree that may be changed, pipes and devices with them. */
export function toMemoryTree({ tree, specials }: Pick<ImageTree, "tree" | "specials">): MemoryTree {
  const memory = new MemoryTree();
  const names = countNames(tree.values());
  for (const entry of [...tree.values(), ...specials.values()])
    memory.putWithParents(entry.path, toTreeEntry(entry, names));
  return memory;
}

function toTreeEntry(entry: StoredEntry | TreeSpecial, names: ReadonlyMap<string, number>): TreeEntry {
  const { mode, uid, gid, xattrs } = entry;
  const common = { mode, uid, gid, mtime: 0, size: 0, ...(xattrs === undefined ? {} : { xattrs }) };
  if (entry.type === "symlink") return { ...common, type: entry.type, linkTarget: entry.target };
  if (entry.type === "directory") return { ...common, type: entry.type };
  if (entry.type !== "file") return { ...common, type: entry.type, ...(entry.device ? { device: entry.device } : {}) };
  const { type, size, content, sha256 } = entry;
  const id = contentId(entry);
  return {
    ...common,
    type,
    size,
    content: { ...content, sha256 },
    ...((names.get(id) ?? 0) > 1 ? { linkId: id } : {}),
  };
}

/** Names of one file share the bytes of one member. */
function countNames(entries: Iterable<StoredEntry | TreeSpecial>): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  for (const entry of entries) {
    if (entry.type === "file") names.set(contentId(entry), (names.get(contentId(entry)) ?? 0) + 1);
  }
  return names;
}

function contentId({ content }: Pick<TreeFile, "content">): string {
  return `${content.path} ${content.offset}`;
}

/** A layer's bytes are the same under OCI's media type as under Docker's. */
function storedLayers({ digest }: Descriptor, { layers }: Manifest, { rootfs }: ImageConfig): StageLayer[] {
  return layers.map((descriptor, index) => {
    const compression = findCompression(descriptor.mediaType);
    const diffId = rootfs.diff_ids[index];
    if (compression === undefined || diffId === undefined) {
      throw new InputError(
        `Cannot build from ${digest}: its layer ${index + 1} has no diff ID or an unknown media type`,
      );
    }
    return { kind: "stored", descriptor: { ...descriptor, mediaType: layerMediaType(compression) }, diffId };
  });
}

/** An image may come without history; a line for each layer keeps what the build adds aligned. */
function historyOf({ history, rootfs }: ImageConfig): readonly HistoryEntry[] {
  const layers = history?.filter(({ empty_layer: isEmpty }) => !isEmpty).length ?? 0;
  if (layers === rootfs.diff_ids.length) return history ?? [];
  return rootfs.diff_ids.map(() => ({ comment: "from the base image" }));
}
