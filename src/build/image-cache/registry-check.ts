import { isDigest, type Digest } from "../../oci/digest.ts";
import { childrenOf, isImageIndex, parseManifest, type ImageIndex, type Manifest } from "../../oci/manifest.ts";
import { isForeignLayer } from "../../oci/media-type.ts";
import type { Reference } from "../../oci/reference.ts";
import { blobPath, revisionLinkPath, tagLinkPath } from "../../registry/storage/layout.ts";
import type { FileTree } from "../context/file-tree.ts";
import { readText } from "../context/read-text.ts";

const FOLDER = "registry";

/** Says why the `registry` folder of a tree cannot serve an image; undefined when it can. Bytes are not hashed. */
export function missingIn(tree: FileTree, reference: Reference): string | undefined {
  const root = findRoot(tree, reference);
  if (root === undefined) return `${FOLDER}/ does not have it`;
  const missing = missingBelow(tree, root);
  return missing === undefined ? undefined : `${FOLDER}/ lacks ${missing}`;
}

function findRoot(tree: FileTree, { repository, tag, digest }: Reference): Digest | undefined {
  const link = digest === undefined ? tagLinkPath(repository, tag ?? "latest") : revisionLinkPath(repository, digest);
  const text = readText(tree.find(`${FOLDER}/${link}`) ?? {}).trim();
  return isDigest(text) ? text : undefined;
}

/** An index may have images of other platforms only by name. */
function missingBelow(tree: FileTree, digest: Digest): Digest | undefined {
  const document = readDocument(tree, digest);
  if (!document) return digest;
  if (!isImageIndex(document)) {
    const blobs = childrenOf(document).filter(({ mediaType }) => !isForeignLayer(mediaType));
    return blobs.find((blob) => !hasBlob(tree, blob.digest))?.digest;
  }
  const present = document.manifests.filter((child) => hasBlob(tree, child.digest));
  const [first] = document.manifests;
  if (present.length === 0) return first?.digest;
  return present.map((child) => missingBelow(tree, child.digest)).find((missing) => missing !== undefined);
}

function readDocument(tree: FileTree, digest: Digest): Manifest | ImageIndex | undefined {
  const entry = hasBlob(tree, digest) ? tree.find(`${FOLDER}/${blobPath(digest)}`) : undefined;
  return entry && parseManifest(Buffer.from(readText(entry)));
}

function hasBlob(tree: FileTree, digest: Digest): boolean {
  return tree.find(`${FOLDER}/${blobPath(digest)}`)?.type === "file";
}
