import { describe, expect, test } from "vitest";

import { bytesOf, collect, type Bytes } from "../../src/base/bytes.ts";
import { backgroundContext, type Context } from "../../src/base/context.ts";
import type { ContentStore, ImageTarget } from "../../src/oci/content.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { MEDIA_TYPES } from "../../src/oci/media-type.ts";

/** A store for one test; `close` is called after it. */
export interface OpenStore<T> {
  readonly store: T;
  readonly close: () => Promise<void>;
}

/** What every store of content promises, see src/oci/content.ts. */
export function describeContentStore(name: string, open: () => Promise<OpenStore<ContentStore>>): void {
  describe(`${name} as a ContentStore`, () => {
    const using = usingStore(open);

    test("has() is false for content that was not pushed", () =>
      using(async ({ ctx, store }) => {
        expect(await store.has(ctx, blob("absent").descriptor)).toBe(false);
      }));

    test("push() makes content that has() and fetch() find", () =>
      using(async ({ ctx, store }) => {
        const { descriptor, content } = blob("some content");
        await store.push(ctx, descriptor, bytesOf(content));
        expect(await store.has(ctx, descriptor)).toBe(true);
        expect((await collect(await store.fetch(ctx, descriptor), 100)).toString()).toBe("some content");
      }));

    test("push() stores empty content", () =>
      using(async ({ ctx, store }) => {
        const { descriptor, content } = blob("");
        await store.push(ctx, descriptor, bytesOf(content));
        expect((await collect(await store.fetch(ctx, descriptor), 0)).byteLength).toBe(0);
      }));

    test("push() succeeds again when the content is there already", () =>
      using(async ({ ctx, store }) => {
        const { descriptor, content } = blob("twice");
        await store.push(ctx, descriptor, bytesOf(content));
        await store.push(ctx, descriptor, bytesOf(content));
        expect(await store.has(ctx, descriptor)).toBe(true);
      }));

    test.for([
      ["other bytes", "wrong"],
      ["too few bytes", "righ"],
      ["too many bytes", "right and more"],
    ])("push() fails and keeps nothing when it is given %s", ([, found = ""]) =>
      using(async ({ ctx, store }) => {
        const { descriptor } = blob("right");
        await expect(store.push(ctx, descriptor, bytesOf(found))).rejects.toThrow();
        expect(await store.has(ctx, descriptor)).toBe(false);
      }),
    );

    test("push() fails with the error of its source and keeps nothing when the source breaks", () =>
      using(async ({ ctx, store }) => {
        const { descriptor } = blob("broken");
        await expect(store.push(ctx, descriptor, breaking("bro"))).rejects.toThrow("the source broke");
        expect(await store.has(ctx, descriptor)).toBe(false);
      }));

    test("push() keeps every content when many come at the same time", () =>
      using(async ({ ctx, store }) => {
        const blobs = Array.from({ length: 8 }, (_, index) => blob(`content ${index % 4}`));
        await Promise.all(blobs.map(({ descriptor, content }) => store.push(ctx, descriptor, bytesOf(content))));
        const found = await Promise.all(blobs.map(({ descriptor }) => store.has(ctx, descriptor)));
        expect(found).toEqual(blobs.map(() => true));
      }));

    test("fetch() throws NotFoundError for content that is not there", () =>
      using(async ({ ctx, store }) => {
        await expect(store.fetch(ctx, blob("absent").descriptor)).rejects.toMatchObject({ name: "NotFoundError" });
      }));

    test("push() stops when its context is cancelled", () =>
      using(async ({ ctx, store }) => {
        const cancelled: Context = { ...ctx, signal: AbortSignal.abort(new Error("cancelled")) };
        const { descriptor, content } = blob("late");
        await expect(store.push(cancelled, descriptor, bytesOf(content))).rejects.toThrow("cancelled");
      }));
  });
}

/** What every place with named images promises besides. */
export function describeImageTarget(name: string, open: () => Promise<OpenStore<ImageTarget>>): void {
  describeContentStore(name, open);
  describe(`${name} as an ImageTarget`, () => {
    const using = usingStore(open);

    test("resolve() gives what tag() named, by name and by digest", () =>
      using(async ({ ctx, store }) => {
        const image = await pushIndex(ctx, store, "one");
        await store.tag(ctx, image, "localhost/web:v1");
        expect(await store.resolve(ctx, "localhost/web:v1")).toMatchObject(image);
        expect(await store.resolve(ctx, image.digest)).toMatchObject({ digest: image.digest });
      }));

    test("tag() moves a name", () =>
      using(async ({ ctx, store }) => {
        const [one, two] = [await pushIndex(ctx, store, "one"), await pushIndex(ctx, store, "two")];
        await store.tag(ctx, one, "localhost/web:v1");
        await store.tag(ctx, two, "localhost/web:v1");
        expect((await store.resolve(ctx, "localhost/web:v1")).digest).toBe(two.digest);
      }));

    test("tag() gives several names to one image", () =>
      using(async ({ ctx, store }) => {
        const image = await pushIndex(ctx, store, "one");
        await store.tag(ctx, image, "localhost/web:v1");
        await store.tag(ctx, image, "localhost/web:latest");
        expect((await store.resolve(ctx, "localhost/web:v1")).digest).toBe(image.digest);
        expect((await store.resolve(ctx, "localhost/web:latest")).digest).toBe(image.digest);
      }));

    test("resolve() throws NotFoundError when there is no such name", () =>
      using(async ({ ctx, store }) => {
        await expect(store.resolve(ctx, "localhost/web:v2")).rejects.toMatchObject({ name: "NotFoundError" });
      }));
  });
}

type StoreTest<T> = (parts: { readonly ctx: Context; readonly store: T }) => Promise<void>;

function usingStore<T>(open: () => Promise<OpenStore<T>>): (work: StoreTest<T>) => Promise<void> {
  return async (work) => {
    const { store, close } = await open();
    try {
      await work({ ctx: backgroundContext(), store });
    } finally {
      await close();
    }
  };
}

function blob(text: string): { descriptor: Descriptor; content: Buffer } {
  const content = Buffer.from(text);
  const descriptor = { mediaType: "application/octet-stream", digest: digestOf(content), size: content.byteLength };
  return { descriptor, content };
}

/** An image index without manifests: the smallest document that a registry takes as an image. */
async function pushIndex(ctx: Context, store: ImageTarget, note: string): Promise<Descriptor> {
  const document = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [], annotations: { note } };
  const content = Buffer.from(JSON.stringify(document));
  const descriptor = { mediaType: MEDIA_TYPES.ociIndex, digest: digestOf(content), size: content.byteLength };
  await store.push(ctx, descriptor, bytesOf(content));
  return descriptor;
}

async function* breaking(text: string): Bytes {
  yield Buffer.from(text);
  throw new Error("the source broke");
}
