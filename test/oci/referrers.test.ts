import { expect, test } from "vitest";

import { backgroundContext } from "../../src/base/context.ts";
import { MEDIA_TYPES } from "../../src/oci/media-type.ts";
import { copyReferrers, isReferrerTag, referrersOf, referrersTag, withReferrers } from "../../src/oci/referrers.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { document, pushBlob, pushImage, testImage, testIndex, type Blob } from "../support/test-image.ts";

const ctx = backgroundContext();
const image = testImage("layer");
const signature = about(image.manifest, "signature");
const signatureOfSignature = about(signature, "again");

/** A manifest whose subject is another one. */
function about(subject: Blob, artifactType: string): Blob {
  const [config] = image.blobs;
  return document(MEDIA_TYPES.ociManifest, {
    artifactType,
    config: config?.descriptor,
    layers: [],
    subject: subject.descriptor,
  });
}

async function source(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await pushImage(ctx, store, image);
  for (const [subject, referrer] of [
    [image.manifest, signature],
    [signature, signatureOfSignature],
  ] as const) {
    await pushBlob(ctx, store, referrer);
    const index = testIndex(referrer);
    await pushBlob(ctx, store, index);
    await store.tag(ctx, index.descriptor, referrersTag(subject.descriptor.digest));
  }
  return store;
}

test("copyReferrers() copies what is said about an image, and about that", async () => {
  const [from, to] = [withReferrers(await source()), new MemoryStore()];
  await pushImage(ctx, to, image);
  const root = image.manifest.descriptor;
  expect(await copyReferrers(ctx, { from, to: withReferrers(to), root })).toBe(2);
  expect(await referrersOf(ctx, withReferrers(to), root.digest)).toEqual([signature.descriptor]);
  expect(await referrersOf(ctx, withReferrers(to), signature.descriptor.digest)).toEqual([
    signatureOfSignature.descriptor,
  ]);
});

test("copyReferrers() keeps the referrers that the destination has already", async () => {
  const [from, to] = [withReferrers(await source()), new MemoryStore()];
  const other = about(image.manifest, "other");
  const index = testIndex(other);
  await pushImage(ctx, to, image);
  for (const blob of [other, index]) await pushBlob(ctx, to, blob);
  const root = image.manifest.descriptor;
  await to.tag(ctx, index.descriptor, referrersTag(root.digest));
  await copyReferrers(ctx, { from, to: withReferrers(to), root });
  expect(await referrersOf(ctx, withReferrers(to), root.digest)).toEqual([other.descriptor, signature.descriptor]);
});

test("copyReferrers() makes no index where the destination lists referrers itself", async () => {
  const [from, to] = [withReferrers(await source()), new MemoryStore()];
  await pushImage(ctx, to, image);
  const target = { ...withReferrers(to), listReferrers: async () => [] };
  await copyReferrers(ctx, { from, to: target, root: image.manifest.descriptor });
  expect([...to.tags.keys()]).toEqual([]);
  expect(await to.has(ctx, signatureOfSignature.descriptor)).toBe(true);
});

test("copyReferrers() copies cosign's tags of an index and of its images", async () => {
  const [from, to] = [new MemoryStore(), new MemoryStore()];
  const index = testIndex(image.manifest);
  for (const store of [from, to]) {
    await pushImage(ctx, store, image);
    await pushBlob(ctx, store, index);
  }
  await pushBlob(ctx, from, signature);
  const tags = [
    `${referrersTag(index.descriptor.digest)}.sig`,
    `${referrersTag(image.manifest.descriptor.digest)}.att`,
  ];
  for (const tag of tags) await from.tag(ctx, signature.descriptor, tag);
  const ends = { from: withReferrers(from), to: withReferrers(to), root: index.descriptor };
  expect(await copyReferrers(ctx, ends)).toBe(1);
  expect([...to.tags.keys()]).toEqual(tags);
});

test.for([
  [`sha256-${"a".repeat(64)}`, true],
  [`sha256-${"a".repeat(64)}.sbom`, true],
  [`sha256-${"a".repeat(63)}`, false],
  [`sha256-${"a".repeat(64)}.other`, false],
  ["v1", false],
] as const)("isReferrerTag(%s) is %s", ([text, expected]) => {
  expect(isReferrerTag(text)).toBe(expected);
});
