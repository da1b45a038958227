import { expect, test } from "vitest";

import { missingIn } from "../../../src/build/image-cache/registry-check.ts";
import type { Digest } from "../../../src/oci/digest.ts";
import { parseReference } from "../../../src/oci/reference.ts";
import { blobPath, revisionLinkPath, tagLinkPath } from "../../../src/registry/storage/layout.ts";
import type { MemoryTree } from "../../../src/build/context/memory-tree.ts";
import { treeOf } from "../../support/memory-tree.ts";
import { testImage, testIndex, type Blob } from "../../support/test-image.ts";

const IMAGE = testImage("layer");
const OTHER = testImage("other");
const INDEX = testIndex(OTHER.manifest, IMAGE.manifest);
const [CONFIG, LAYER] = IMAGE.blobs.map(({ descriptor }) => descriptor.digest);

function registryOf(root: Blob, blobs: readonly Blob[]): MemoryTree {
  const { digest } = root.descriptor;
  return treeOf({
    [`registry/${tagLinkPath("group/app", "1")}`]: digest,
    [`registry/${revisionLinkPath("group/app", digest)}`]: digest,
    ...Object.fromEntries(
      [root, ...blobs].map(({ descriptor, content }) => [
        `registry/${blobPath(descriptor.digest)}`,
        Buffer.from(content).toString(),
      ]),
    ),
  });
}

function missing(tree: MemoryTree, name: string): string | undefined {
  return missingIn(tree, parseReference(name));
}

function without(tree: MemoryTree, digest: Digest | undefined): MemoryTree {
  if (digest !== undefined) tree.remove(`registry/${blobPath(digest)}`);
  return tree;
}

test("missingIn() finds an image by its tag and by its digest, whatever its registry", () => {
  const tree = registryOf(IMAGE.manifest, IMAGE.blobs);
  expect(missing(tree, "quay.io/group/app:1")).toBeUndefined();
  expect(missing(tree, `r.example/group/app@${IMAGE.manifest.descriptor.digest}`)).toBeUndefined();
});

test("missingIn() says that a tag, a digest or a folder is not there", () => {
  const tree = registryOf(IMAGE.manifest, IMAGE.blobs);
  for (const name of ["quay.io/group/app:2", "quay.io/app:1", `quay.io/group/app:1@${INDEX.descriptor.digest}`]) {
    expect(missing(tree, name)).toBe("registry/ does not have it");
  }
  expect(missing(treeOf({}), "quay.io/group/app:1")).toBe("registry/ does not have it");
});

test("missingIn() names the blob that an image lacks", () => {
  for (const digest of [CONFIG, LAYER, IMAGE.manifest.descriptor.digest]) {
    const tree = without(registryOf(IMAGE.manifest, IMAGE.blobs), digest);
    expect(missing(tree, "quay.io/group/app:1")).toBe(`registry/ lacks ${digest}`);
  }
});

test("missingIn() takes an index of which one image is there, and looks at that one", () => {
  const tree = registryOf(INDEX, [IMAGE.manifest, ...IMAGE.blobs]);
  expect(missing(tree, "quay.io/group/app:1")).toBeUndefined();
  expect(missing(without(tree, LAYER), "quay.io/group/app:1")).toBe(`registry/ lacks ${LAYER}`);
  expect(missing(registryOf(INDEX, []), "quay.io/group/app:1")).toBe(
    `registry/ lacks ${OTHER.manifest.descriptor.digest}`,
  );
});
