import { stat } from "node:fs/promises";

import type { LayerEntry } from "../../archive/tar-entry.ts";
import type { Context } from "../../base/context.ts";
import { InputError } from "../../base/error.ts";
import { hexOf, type Digest } from "../../oci/digest.ts";
import { parseImageConfig } from "../../oci/image-config.ts";
import { isImageIndex, parseManifest } from "../../oci/manifest.ts";
import { isForeignLayer } from "../../oci/media-type.ts";
import { isTag, parseReference } from "../../oci/reference.ts";
import { fetchDocument } from "../../oci/verify.ts";
import type { ImageStore } from "../image-store.ts";
import { openLayer } from "../layer-cache.ts";
import type { SavedImage } from "./archive-entries.ts";
import { DOCKER_MANIFEST_FILE } from "./docker-archive.ts";

interface DockerEntry {
  readonly Config: string;
  readonly RepoTags: string[];
  readonly Layers: readonly string[];
}

/**
 * The members of a docker-archive, in the form of `docker save`: layers unpacked and named by their diff ID, each once.
 * @throws {InputError} for an index: the format has images of one platform only.
 */
export async function dockerArchiveEntries(
  ctx: Context,
  store: ImageStore,
  images: readonly SavedImage[],
): Promise<readonly LayerEntry[]> {
  const described = new Map<Digest, DockerEntry>();
  const members = new Map<string, LayerEntry>();
  for (const { descriptor, name } of images) {
    const entry = described.get(descriptor.digest) ?? (await describe(ctx, { store, members }, descriptor));
    described.set(descriptor.digest, entry);
    const tag = name === undefined ? undefined : dockerTag(name);
    if (tag !== undefined && !entry.RepoTags.includes(tag)) entry.RepoTags.push(tag);
  }
  const manifest = Buffer.from(JSON.stringify([...described.values()]));
  const repositories = Buffer.from(JSON.stringify(repositoriesOf([...described.values()])));
  return [
    ...[...members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, member]) => member),
    document(DOCKER_MANIFEST_FILE, manifest),
    document("repositories", repositories),
  ];
}

async function describe(
  ctx: Context,
  { store, members }: { store: ImageStore; members: Map<string, LayerEntry> },
  image: SavedImage["descriptor"],
): Promise<DockerEntry> {
  const manifest = parseManifest(await fetchDocument(ctx, store, image), image.mediaType);
  if (isImageIndex(manifest)) {
    throw new InputError(`Cannot write ${image.digest} to a docker-archive: it is an index of several platforms`, {
      hint: "Choose one with --platform, or write an oci-archive",
    });
  }
  const content = await fetchDocument(ctx, store, manifest.config);
  const { rootfs } = parseImageConfig(content);
  const config = `${hexOf(manifest.config.digest)}.json`;
  members.set(config, document(config, content));
  const layers: string[] = [];
  for (const [position, layer] of manifest.layers.entries()) {
    const diffId = rootfs.diff_ids[position];
    if (diffId === undefined || isForeignLayer(layer.mediaType)) {
      throw new InputError(`Cannot write ${image.digest} to a docker-archive: its layer ${layer.digest} is not here`);
    }
    const path = `${hexOf(diffId)}.tar`;
    layers.push(path);
    if (members.has(path)) continue;
    const { tarPath } = await openLayer(ctx, store, { layer, diffId });
    const { size } = await stat(tarPath);
    const part = { path: tarPath, offset: 0, length: size, sha256: hexOf(diffId) };
    members.set(path, { entry: file(path, size), content: part });
  }
  return { Config: config, RepoTags: [], Layers: layers };
}

/** Names without a tag cannot be written there. */
function dockerTag(name: string): string | undefined {
  const { registry, repository, tag } = parseReference(name);
  if (tag === undefined || !isTag(tag)) return undefined;
  const short = registry === "docker.io" ? repository.replace(/^library\//, "") : `${registry}/${repository}`;
  return `${short}:${tag}`;
}

/** What docker before 1.10 reads: repository, tag, and the layer on top. */
function repositoriesOf(entries: readonly DockerEntry[]): Record<string, Record<string, string>> {
  const repositories: Record<string, Record<string, string>> = {};
  for (const { RepoTags, Layers } of entries) {
    for (const name of RepoTags) {
      const colon = name.lastIndexOf(":");
      const repository = name.slice(0, colon);
      repositories[repository] = {
        ...repositories[repository],
        [name.slice(colon + 1)]: (Layers.at(-1) ?? "").replace(/\.tar$/, ""),
      };
    }
  }
  return repositories;
}

function document(path: string, content: Buffer): LayerEntry {
  return { entry: file(path, content.byteLength), content };
}

function file(path: string, size: number): LayerEntry["entry"] {
  return { path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size };
}
