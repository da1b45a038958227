import { mapLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import { toMemoryTree } from "../build/base-image.ts";
import { walkTree } from "../build/context/walk-tree.ts";
import { toLayerEntries } from "../build/layer/layer-entries.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { HistoryEntry } from "../oci/image-config.ts";
import { MEDIA_TYPES } from "../oci/media-type.ts";
import type { Platform } from "../oci/platform.ts";
import { hasWhiteouts, openImageFiles, type ImageFiles } from "../store/image-files.ts";
import type { ImageStore } from "../store/image-store.ts";
import type { TreeEntry } from "../store/image-tree.ts";
import { hasSameContent } from "./diff-images.ts";
import { findImage } from "./find-image.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toLocalName } from "./local-name.ts";
import { mergeExecution } from "./merge-config.ts";
import { pushDocument } from "./store-documents.ts";
import { storeLayer, type StoredLayer } from "./store-layer.ts";

export interface MergeRequest {
  /** At least two; where they differ the later one wins. */
  readonly images: readonly string[];
  /** Names of the new image; short ones belong to `localhost`. */
  readonly tags: readonly string[];
  readonly platform?: Platform | undefined;
}

export interface MergedImage {
  /** Digest of the configuration. */
  readonly id: Digest;
  readonly digest: Digest;
  readonly names: readonly string[];
  readonly conflicts: readonly MergeConflict[];
}

/** A path that is something else in an earlier image. */
export interface MergeConflict {
  readonly path: string;
  readonly lost: string;
  readonly kept: string;
}

interface Part {
  readonly name: string;
  readonly files: ImageFiles;
}

/** Makes one image out of several: all files of the first, over them those of the second, and so on. */
export async function mergeImages(
  ctx: Context,
  environment: ImageEnvironment,
  { images, tags, platform = environment.platform }: MergeRequest,
): Promise<MergedImage> {
  if (images.length < 2) throw new InputError("Cannot merge images: expected two or more");
  const names = tags.map(toLocalName);
  const { store } = environment;
  const parts = await mapLimit(ctx, { items: images, limit: 2 }, async (inner, name): Promise<Part> => {
    const found = await findImage(inner, environment, { name, platform });
    return { name, files: await openImageFiles(inner, store, found) };
  });
  requireOnePlatform(parts);
  const merged = await runTask(ctx, `Merge ${images.join(", ")}`, (inner) => commit(inner, store, parts));
  for (const name of names) await store.tag(ctx, merged.manifest, name);
  if (names.length === 0) await store.keep(ctx, merged.manifest);
  return { id: merged.config.digest, digest: merged.manifest.digest, names, conflicts: findConflicts(parts) };
}

/** Paths where a later image replaces what an earlier one has; each with the last of them. */
export function findConflicts(
  parts: readonly { readonly name: string; readonly files: { readonly tree: ReadonlyMap<string, TreeEntry> } }[],
): readonly MergeConflict[] {
  const owners = new Map<string, { readonly name: string; readonly entry: TreeEntry }>();
  const conflicts = new Map<string, MergeConflict>();
  for (const { name, files } of parts) {
    for (const [path, entry] of files.tree) {
      const before = owners.get(path);
      owners.set(path, { name, entry });
      if (before && !hasSameContent(before.entry, entry)) conflicts.set(path, { path, lost: before.name, kept: name });
    }
  }
  return [...conflicts.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function requireOnePlatform(parts: readonly Part[]): void {
  const [first, ...others] = parts;
  const wrong = others.find(({ files: { config } }) => config.architecture !== first?.files.config.architecture);
  if (!first || !wrong) return;
  const [a, b] = [first.files.config.architecture, wrong.files.config.architecture];
  throw new InputError(`Cannot merge "${first.name}" for ${a} with "${wrong.name}" for ${b}`, {
    hint: "Merge images of one platform",
  });
}

interface MergeLayer extends StoredLayer {
  readonly history: HistoryEntry;
}

async function commit(
  ctx: Context,
  store: ImageStore,
  parts: readonly Part[],
): Promise<{ manifest: Descriptor; config: Descriptor }> {
  const layers: MergeLayer[] = [];
  for (const [index, part] of parts.entries()) layers.push(...(await layersOf(ctx, store, { ...part, index })));
  const { architecture, os, variant } = parts[0]?.files.config ?? { architecture: "", os: "", variant: undefined };
  const created = "1970-01-01T00:00:00Z";
  const config = await pushDocument(ctx, store, {
    mediaType: MEDIA_TYPES.ociConfig,
    document: {
      created,
      architecture,
      os,
      ...(variant === undefined ? {} : { variant }),
      config: mergeExecution(parts.map(({ files }) => files.config)),
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      history: layers.map(({ history }) => ({ created, ...history })),
    },
  });
  const mediaType = MEDIA_TYPES.ociManifest;
  const document = { schemaVersion: 2, mediaType, config, layers: layers.map(({ descriptor }) => descriptor) };
  return { config, manifest: await pushDocument(ctx, store, { mediaType, document }) };
}

/** An image's own layers; a new one when they would also take away files of the images below. */
async function layersOf(
  ctx: Context,
  store: ImageStore,
  { name, files, index }: Part & { readonly index: number },
): Promise<readonly MergeLayer[]> {
  const history = { created_by: `sealos merge ${name}` };
  if (index > 0 && (await hasWhiteouts(ctx, store, files))) {
    return [{ ...(await storeLayer(ctx, store, toLayerEntries(walkTree(toMemoryTree(files), "")))), history }];
  }
  return files.manifest.layers.flatMap((layer, position) => {
    const diffId = files.config.rootfs.diff_ids[position];
    const { digest, size } = layer;
    const mediaType = OCI_TYPES[layer.mediaType] ?? layer.mediaType;
    return diffId === undefined ? [] : [{ descriptor: { mediaType, digest, size }, diffId, history }];
  });
}

const OCI_TYPES: Readonly<Record<string, string>> = { [MEDIA_TYPES.dockerLayerGzip]: MEDIA_TYPES.ociLayerGzip };
