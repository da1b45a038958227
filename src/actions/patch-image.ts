import { rename, rm } from "node:fs/promises";
import { posix } from "node:path";

import type { LayerCompression } from "../archive/compression.ts";
import { writeLayer } from "../archive/layer-writer.ts";
import type { LayerEntry } from "../archive/tar-entry.ts";
import { whiteoutOf } from "../archive/whiteout.ts";
import { runTask, type Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import { toMemoryTree } from "../build/base-image.ts";
import { walkTree } from "../build/context/walk-tree.ts";
import { toLayerEntries } from "../build/layer/layer-entries.ts";
import type { Digest } from "../oci/digest.ts";
import type { ExecutionConfig, ImageConfig } from "../oci/image-config.ts";
import { MEDIA_TYPES } from "../oci/media-type.ts";
import type { ImageFiles } from "../store/image-files.ts";
import {
  allEntries,
  diffTrees,
  openFiles,
  type AnyTree,
  type DiffRequest,
  type ImageDifference,
} from "./diff-images.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toLocalName } from "./local-name.ts";
import { TYPE_LABELS } from "./merge-config.ts";
import { pushDocument } from "./store-documents.ts";
import { storeLayer } from "./store-layer.ts";

export interface PatchRequest extends DiffRequest {
  /** Names of an image that has what is new; short ones belong to `localhost`. */
  readonly tags: readonly string[];
  /** A tar file for what is new; what is gone is in it as whiteouts. */
  readonly file?: { readonly path: string; readonly compression: LayerCompression } | undefined;
}

export interface ImagePatch extends ImageDifference {
  readonly image: { readonly id: Digest; readonly digest: Digest; readonly names: readonly string[] } | undefined;
  readonly file: { readonly path: string; readonly sizeBytes: number } | undefined;
}

/**
 * Makes a patch out of two images: the paths that the second one has and the first one has not, or otherwise. As an
 * image it is laid over the files of a cluster that was made of the first one.
 * @throws {InputError} when nothing is new.
 */
export async function patchImage(
  ctx: Context,
  environment: ImageEnvironment,
  { from, to, tags, file }: PatchRequest,
): Promise<ImagePatch> {
  const names = tags.map(toLocalName);
  const before = await openFiles(ctx, environment, from);
  const after = await openFiles(ctx, environment, to);
  const difference = diffTrees(allEntries(before), allEntries(after));
  if (difference.changed.length + difference.added.length === 0) {
    throw new InputError(`Cannot make a patch: "${to}" has no file that "${from}" has not`);
  }
  const added = newEntries(after, difference);
  return runTask(ctx, `Make a patch of ${from} and ${to}`, async (inner) => ({
    ...difference,
    file: file && (await writeFile(inner, [...added, ...whiteouts(difference, allEntries(after))], file)),
    image:
      names.length === 0 ? undefined : await storeImage(inner, environment, { added, names, config: after.config }),
  }));
}

/** What is new, with the folders that it is in. */
function newEntries({ tree, specials }: ImageFiles, { changed, added }: ImageDifference): readonly LayerEntry[] {
  const paths = new Set([...changed, ...added].flatMap((path) => [...parentsOf(path), path]));
  const only = <T>(entries: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map([...entries].filter(([path]) => paths.has(path)));
  return toLayerEntries(walkTree(toMemoryTree({ tree: only(tree), specials: only(specials) }), ""));
}

/** What takes paths away; what was in a folder goes with it. */
function whiteouts({ deleted }: ImageDifference, after: AnyTree): readonly LayerEntry[] {
  return deleted
    .filter((path) => parentsOf(path).every((parent) => after.get(parent)?.type === "directory"))
    .map((path) => ({
      entry: { path: whiteoutOf(path), type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0 },
    }));
}

/** The folders that a path is in, the outermost first. */
function parentsOf(path: string): readonly string[] {
  const parent = posix.dirname(path);
  return parent === "." ? [] : [...parentsOf(parent), parent];
}

async function writeFile(
  ctx: Context,
  entries: readonly LayerEntry[],
  { path, compression }: { path: string; compression: LayerCompression },
): Promise<NonNullable<ImagePatch["file"]>> {
  const destination = `${path}.${process.pid}.tmp`;
  try {
    const { size } = await writeLayer(ctx, entries, { destination, compression });
    await rename(destination, path);
    return { path, sizeBytes: size };
  } finally {
    await rm(destination, { force: true });
  }
}

async function storeImage(
  ctx: Context,
  { store }: ImageEnvironment,
  { added, names, config: base }: { added: readonly LayerEntry[]; names: readonly string[]; config: ImageConfig },
): Promise<NonNullable<ImagePatch["image"]>> {
  const { descriptor: layer, diffId } = await storeLayer(ctx, store, added);
  const created = "1970-01-01T00:00:00Z";
  const config = await pushDocument(ctx, store, {
    mediaType: MEDIA_TYPES.ociConfig,
    document: {
      ...base,
      created,
      config: toPatch(base.config ?? {}),
      rootfs: { type: "layers", diff_ids: [diffId] },
      history: [{ created, created_by: "sealos diff --patch" }],
    },
  });
  const mediaType = MEDIA_TYPES.ociManifest;
  const document = { schemaVersion: 2, mediaType, config, layers: [layer] };
  const manifest = await pushDocument(ctx, store, { mediaType, document });
  for (const name of names) await store.tag(ctx, manifest, name);
  return { id: config.digest, digest: manifest.digest, names };
}

/** A part of a rootfs image is no rootfs image: it is laid over one. */
export function toPatch({ Labels: labels = {}, ...config }: ExecutionConfig): ExecutionConfig {
  const patched = Object.entries(labels).map(([name, value]) =>
    TYPE_LABELS.includes(name) && value === "rootfs" ? [name, "patch"] : [name, value],
  );
  return patched.length === 0 ? config : { ...config, Labels: Object.fromEntries(patched) };
}
