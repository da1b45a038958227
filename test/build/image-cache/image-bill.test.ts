import { expect, test } from "vitest";

import { billOf, readBills } from "../../../src/build/image-cache/image-bill.ts";
import type { CachedImage } from "../../../src/build/image-cache/registry-tree.ts";
import { parseReference } from "../../../src/oci/reference.ts";
import { treeOf } from "../../support/memory-tree.ts";
import { testImage } from "../../support/test-image.ts";

const AMD64 = { os: "linux", architecture: "amd64" };
const IMAGE = testImage("layer");
const DIGEST = IMAGE.manifest.descriptor.digest;

function cached(name: string, line: number): CachedImage {
  const root = IMAGE.manifest.descriptor;
  const blobs = IMAGE.blobs.map(({ descriptor }) => descriptor);
  const graph = { root, manifests: [root], blobs: [...blobs, ...blobs], indexes: [] };
  return { name, reference: parseReference(name), places: [{ file: "manifests/a.yaml", line }], graph };
}

const IMAGES = [cached("quay.io/b/b:1", 7), cached(`quay.io/a/a:1@${DIGEST}`, 3)];
const SIZE = IMAGE.manifest.content.byteLength + IMAGE.blobs.reduce((sum, { content }) => sum + content.byteLength, 0);

test("billOf() lists images by name, with what they are, how large, and where they are named", () => {
  const { path, content, annotations } = billOf(IMAGES, AMD64);
  expect(path).toMatch(/^images\/bill\/[0-9a-f]{12}\.json$/);
  expect(JSON.parse(content.toString())).toEqual({
    version: 1,
    images: [
      {
        name: `quay.io/a/a:1@${DIGEST}`,
        digest: DIGEST,
        platform: "linux/amd64",
        sizeBytes: SIZE,
        sources: ["manifests/a.yaml:3"],
      },
      {
        name: "quay.io/b/b:1",
        digest: DIGEST,
        platform: "linux/amd64",
        sizeBytes: SIZE,
        sources: ["manifests/a.yaml:7"],
      },
    ],
  });
  expect(annotations).toEqual({ "sealos.io.images": `quay.io/a/a:1@${DIGEST} quay.io/b/b:1@${DIGEST}` });
});

test("billOf() gives the same bill for the same images in any order", () => {
  expect(billOf(IMAGES.toReversed(), AMD64)).toEqual(billOf(IMAGES, AMD64));
  expect(billOf(IMAGES, undefined).path).not.toBe(billOf(IMAGES, AMD64).path);
});

test("readBills() reads every bill of an image, each entry once", () => {
  const bills = [billOf(IMAGES, AMD64), billOf(IMAGES.slice(0, 1), AMD64)];
  const tree = treeOf({
    ...Object.fromEntries(bills.map(({ path, content }) => [path, content.toString()])),
    "images/bill/notes.txt": "no bill",
  });
  expect(
    readBills(tree)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual([`quay.io/a/a:1@${DIGEST}`, "quay.io/b/b:1"]);
  expect(readBills(treeOf({ a: "" }))).toEqual([]);
});

test.each(["{", "[]", '{"version":2,"images":[]}', '{"version":1,"images":[{"name":"a","digest":"x"}]}'])(
  "readBills() names the file of a bill that is none: %s",
  (text) => {
    expect(() => readBills(treeOf({ "images/bill/a.json": text }))).toThrow('Cannot read "images/bill/a.json": ');
  },
);
