import { algorithmOf, hexOf, type Digest } from "../../oci/digest.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { registryEntries } from "../../registry/storage/layout.ts";
import type { FileTree, TreeEntry } from "../context/file-tree.ts";
import { MemoryTree } from "../context/memory-tree.ts";
import type { ScannedImage } from "../scan/scanned-image.ts";
import { tagsOf } from "./check-tags.ts";
import type { StoredGraph } from "./stored-graph.ts";

const FOLDER = "registry";

/** An image that a build context names and what the store has of it. */
export interface CachedImage extends ScannedImage {
  readonly graph: StoredGraph;
}

/** A `registry` folder with these images, as it would be on the registry's disk; the bytes stay where the store has them. */
export function registryTree(images: readonly CachedImage[], blobPath: (digest: Digest) => string): FileTree {
  const files = new Map(
    images.flatMap(({ graph }) => [
      ...[...graph.manifests, ...graph.blobs].map(
        (blob) => [blob.digest, blobFile(blob, blobPath(blob.digest))] as const,
      ),
      ...graph.indexes.map(({ descriptor, path }) => [descriptor.digest, blobFile(descriptor, path)] as const),
    ]),
  );
  const tree = new MemoryTree();
  const tags = tagsOf(images);
  for (const entry of registryEntries(images.map((image) => toRegistryImage(image, tags.get(image))))) {
    const path = `${FOLDER}/${entry.path}`;
    if ("content" in entry) tree.putWithParents(path, linkFile(entry.content));
    else {
      const file = files.get(entry.blob);
      if (file) tree.putWithParents(path, file);
    }
  }
  return tree;
}

function toRegistryImage(
  { reference, graph }: CachedImage,
  tag: string | undefined,
): Parameters<typeof registryEntries>[0][number] {
  return {
    repository: reference.repository,
    ...(tag === undefined ? {} : { tag }),
    root: graph.root.digest,
    manifests: [...graph.indexes.map(({ descriptor }) => descriptor), ...graph.manifests].map(({ digest }) => digest),
    blobs: graph.blobs.map(({ digest }) => digest),
  };
}

const FILE = { type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0 } as const;

function linkFile(text: string): TreeEntry {
  const content = Buffer.from(text);
  return { ...FILE, size: content.byteLength, content };
}

function blobFile({ digest, size }: Descriptor, path: string): TreeEntry {
  const check = algorithmOf(digest) === "sha256" ? { sha256: hexOf(digest) } : {};
  return { ...FILE, size, content: { path, offset: 0, length: size, ...check } };
}
