import { InputError } from "../../base/error.ts";
import { algorithmOf, hexOf, type Digest } from "../../oci/digest.ts";

/**
 * Paths of the distribution registry's on-disk layout, relative to its root folder (`registry/` in a cluster image).
 * https://github.com/distribution/distribution/blob/v2.8.2/registry/storage/paths.go
 */
const ROOT = "docker/registry/v2";

export const REPOSITORIES_PATH = `${ROOT}/repositories`;

export const BLOBS_PATH = `${ROOT}/blobs`;

/** Held while content is being removed. */
export const PRUNE_LOCK_PATH = `${ROOT}/.prune.lock`;

/** Where the bytes of a layer, configuration, manifest or index are. */
export function blobPath(digest: Digest): string {
  return `${ROOT}/blobs/${algorithmOf(digest)}/${hexOf(digest).slice(0, 2)}/${hexOf(digest)}/data`;
}

/** Where those bytes are while a prune finds out whether anybody needs them. */
export function prunedBlobPath(digest: Digest): string {
  return `${ROOT}/blobs/${algorithmOf(digest)}/${hexOf(digest).slice(0, 2)}/${hexOf(digest)}/pruned`;
}

export function repositoryPath(repository: string): string {
  return `${REPOSITORIES_PATH}/${repository}`;
}

/** The link that gives a repository a layer or a configuration. */
export function layerLinkPath(repository: string, digest: Digest): string {
  return `${layersPath(repository)}/${algorithmOf(digest)}/${hexOf(digest)}/link`;
}

export function layersPath(repository: string): string {
  return `${repositoryPath(repository)}/_layers`;
}

/** The link that gives a repository a manifest or an index. */
export function revisionLinkPath(repository: string, digest: Digest): string {
  return `${revisionsPath(repository)}/${algorithmOf(digest)}/${hexOf(digest)}/link`;
}

export function revisionsPath(repository: string): string {
  return `${repositoryPath(repository)}/_manifests/revisions`;
}

export function tagsPath(repository: string): string {
  return `${repositoryPath(repository)}/_manifests/tags`;
}

/** The link that says what a tag means now. */
export function tagLinkPath(repository: string, tag: string): string {
  return `${tagsPath(repository)}/${tag}/current/link`;
}

/** The link that says what a tag has meant at some time; the registry follows it when it deletes a manifest. */
export function tagHistoryLinkPath(repository: string, { tag, digest }: { tag: string; digest: Digest }): string {
  return `${tagsPath(repository)}/${tag}/index/${algorithmOf(digest)}/${hexOf(digest)}/link`;
}

export function uploadPath(repository: string, id: string): string {
  return `${uploadsPath(repository)}/${id}`;
}

export function uploadsPath(repository: string): string {
  return `${repositoryPath(repository)}/_uploads`;
}

/** An image as it shall be found in a registry. */
export interface RegistryImage {
  /** Without the registry's host: `repository` of a parsed reference, for instance `library/nginx`. */
  readonly repository: string;
  /** Absent: the image is found by its digest only. */
  readonly tag?: string;
  /** What the tag means: one of `manifests`. */
  readonly root: Digest;
  /** Every manifest and index of the image, the root too. */
  readonly manifests: readonly Digest[];
  /** Every configuration and layer. */
  readonly blobs: readonly Digest[];
}

/** A file of the layout: a small link file, or the bytes of a blob, which are wherever the caller has them. */
export type RegistryEntry =
  | { readonly path: string; readonly content: string }
  | { readonly path: string; readonly blob: Digest };

/**
 * The files that hold these images, each path once, sorted.
 * @throws {InputError} when two images claim one tag of one repository for different content.
 */
export function registryEntries(images: readonly RegistryImage[]): readonly RegistryEntry[] {
  const entries = new Map<string, RegistryEntry>();
  for (const entry of images.flatMap(entriesOf)) {
    const known = entries.get(entry.path);
    if (known && "content" in known && "content" in entry && known.content !== entry.content) {
      throw new InputError(`Cannot store "${entry.path}": it would be ${known.content} and ${entry.content} at once`);
    }
    entries.set(entry.path, entry);
  }
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function entriesOf({ repository, tag, root, manifests, blobs }: RegistryImage): RegistryEntry[] {
  return [
    ...blobs.map((digest) => link(layerLinkPath(repository, digest), digest)),
    ...manifests.map((digest) => link(revisionLinkPath(repository, digest), digest)),
    ...(tag === undefined ? [] : [link(tagLinkPath(repository, tag), root)]),
    ...(tag === undefined ? [] : [link(tagHistoryLinkPath(repository, { tag, digest: root }), root)]),
    ...[...manifests, ...blobs].map((digest) => ({ path: blobPath(digest), blob: digest })),
  ];
}

function link(path: string, digest: Digest): RegistryEntry {
  return { path, content: digest };
}
