import { createHash } from "node:crypto";

import { bytesOf } from "../../src/base/bytes.ts";
import type { Context } from "../../src/base/context.ts";
import type { Pusher } from "../../src/oci/content.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { digestOf, parseDigest } from "../../src/oci/digest.ts";
import { MEDIA_TYPES } from "../../src/oci/media-type.ts";

/** A piece of an image with its bytes. */
export interface Blob {
  readonly descriptor: Descriptor;
  readonly content: Uint8Array;
}

export interface TestImage {
  readonly manifest: Blob;
  /** Configuration and layers. */
  readonly blobs: readonly Blob[];
}

export function blob(content: Uint8Array | string, mediaType: string = MEDIA_TYPES.ociLayer): Blob {
  const bytes = Buffer.from(content);
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, content: bytes };
}

export function sha512Blob(content: string): Blob {
  const digest = parseDigest(`sha512:${createHash("sha512").update(content).digest("hex")}`);
  return { ...blob(content), descriptor: { ...blob(content).descriptor, digest } };
}

/** An image whose layers have this content; not a tar, which no store looks at. */
export function testImage(...layers: readonly string[]): TestImage {
  const blobs = layers.map((layer) => blob(layer));
  const config = blob(
    JSON.stringify({
      os: "linux",
      architecture: "amd64",
      rootfs: { type: "layers", diff_ids: blobs.map(({ descriptor }) => descriptor.digest) },
    }),
    MEDIA_TYPES.ociConfig,
  );
  const manifest = document(MEDIA_TYPES.ociManifest, {
    config: config.descriptor,
    layers: blobs.map(({ descriptor }) => descriptor),
  });
  return { manifest, blobs: [config, ...blobs] };
}

export function testIndex(...manifests: readonly Blob[]): Blob {
  return document(MEDIA_TYPES.ociIndex, { manifests: manifests.map(({ descriptor }) => descriptor) });
}

/** A manifest or index with further fields. */
export function document(mediaType: string, fields: object): Blob {
  return blob(JSON.stringify({ schemaVersion: 2, mediaType, ...fields }), mediaType);
}

export async function pushBlob(ctx: Context, to: Pusher, { descriptor, content }: Blob): Promise<void> {
  await to.push(ctx, descriptor, bytesOf(content));
}

export async function pushImage(ctx: Context, to: Pusher, { manifest, blobs }: TestImage): Promise<void> {
  for (const blob of blobs) await pushBlob(ctx, to, blob);
  await pushBlob(ctx, to, manifest);
}
