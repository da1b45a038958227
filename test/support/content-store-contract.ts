import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { bytesOf, collect, type Bytes } from "../../src/base/bytes.ts";
import { backgroundContext, type Context } from "../../src/base/context.ts";
import { NotFoundError } from "../../src/base/error.ts";
import type { ImageTarget } from "../../src/oci/content.ts";
import { copyGraph } from "../../src/oci/copy-graph.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { IntegrityError } from "../../src/oci/errors.ts";
import { MemoryStore } from "./memory-store.ts";
import { blob, pushBlob, pushImage, sha512Blob, testImage, testIndex, type Blob } from "./test-image.ts";

export interface ContractSubject {
  readonly store: ImageTarget;
  close(): Promise<void>;
}

export interface ContractOptions {
  /** False for a store that knows SHA-256 only. */
  readonly sha512?: boolean;
  /** Puts a short tag into the form of the store's names; default: the tag itself. */
  readonly nameOf?: (tag: string) => string;
}

/** What every {@link ImageTarget} promises, whatever it keeps its content in. */
export function describeContentStore(
  name: string,
  open: () => Promise<ContractSubject>,
  { sha512 = true, nameOf = (tag) => tag }: ContractOptions = {},
): void {
  describe(`${name} as a content store`, () => {
    const ctx = backgroundContext();
    let subject: ContractSubject | undefined;
    const store = (): ImageTarget => {
      if (!subject) throw new Error("not open");
      return subject.store;
    };
    const read = async (target: Descriptor): Promise<string> =>
      (await collect(await store().fetch(ctx, target), target.size)).toString();
    const has = (piece: Blob): Promise<boolean> => store().has(ctx, piece.descriptor);

    beforeAll(async () => {
      subject = await open();
    });
    afterAll(async () => {
      await subject?.close();
    });

    test("has() is false and fetch() throws when content is not there", async () => {
      const absent = blob("never pushed");
      expect(await has(absent)).toBe(false);
      await expect(read(absent.descriptor)).rejects.toThrow(NotFoundError);
    });

    const kinds: readonly (readonly [string, Blob])[] = [
      ["some bytes", blob("some bytes")],
      ["no bytes", blob("")],
      ["several chunks", blob("x".repeat(300_000))],
      ...(sha512 ? [["a sha512 digest", sha512Blob("long digest")] as const] : []),
    ];
    test.each(kinds)("fetch() gives back what push() stored when it has %s", async (_, piece) => {
      await pushBlob(ctx, store(), piece);
      expect(await has(piece)).toBe(true);
      expect(await read(piece.descriptor)).toBe(Buffer.from(piece.content).toString());
    });

    test("push() succeeds again when the content is there", async () => {
      const piece = blob("twice");
      await pushBlob(ctx, store(), piece);
      await pushBlob(ctx, store(), piece);
      expect(await read(piece.descriptor)).toBe("twice");
    });

    test("push() stores content once when two do it at the same time", async () => {
      const piece = blob("y".repeat(200_000));
      await Promise.all([pushBlob(ctx, store(), piece), pushBlob(ctx, store(), piece)]);
      expect(await read(piece.descriptor)).toBe("y".repeat(200_000));
    });

    test.each([
      ["other bytes", "wanted content A", "unwanted content"],
      ["fewer bytes", "wanted content B", "wanted"],
      ["more bytes", "wanted content C", "wanted content C and more"],
    ])("push() refuses and stores nothing when it is given %s", async (_, wanted, given) => {
      const piece = blob(wanted);
      await expect(store().push(ctx, piece.descriptor, bytesOf(given))).rejects.toThrow(IntegrityError);
      expect(await has(piece)).toBe(false);
    });

    test("push() stores nothing when its content breaks off with an error", async () => {
      const piece = blob("broken content");
      await expect(store().push(ctx, piece.descriptor, breaking("broken"))).rejects.toThrow("source is gone");
      expect(await has(piece)).toBe(false);
    });

    test("push() ends and stores nothing when it is cancelled", async () => {
      const piece = blob("cancelled content");
      const cancelled = new AbortController();
      const inner: Context = { ...ctx, signal: cancelled.signal };
      const content = cancelling("cancelled", cancelled);
      await expect(store().push(inner, piece.descriptor, content)).rejects.toThrow("enough");
      expect(await has(piece)).toBe(false);
    });

    test("resolve() throws when the name is not known", async () => {
      await expect(store().resolve(ctx, nameOf("unknown"))).rejects.toThrow(NotFoundError);
    });

    test("resolve() gives what tag() named last", async () => {
      const [first, second] = [testImage("first"), testImage("second")];
      for (const image of [first, second]) await pushImage(ctx, store(), image);
      await store().tag(ctx, first.manifest.descriptor, nameOf("moving"));
      expect(await store().resolve(ctx, nameOf("moving"))).toMatchObject(first.manifest.descriptor);
      await store().tag(ctx, second.manifest.descriptor, nameOf("moving"));
      expect(await store().resolve(ctx, nameOf("moving"))).toMatchObject(second.manifest.descriptor);
    });

    test("copyGraph() brings an index with its images there and back", async () => {
      const from = new MemoryStore();
      const images = [testImage("amd64", "shared"), testImage("arm64", "shared")];
      for (const image of images) await pushImage(ctx, from, image);
      const index = testIndex(...images.map(({ manifest }) => manifest));
      await pushBlob(ctx, from, index);

      await copyGraph(ctx, { from, to: store(), root: index.descriptor });
      await store().tag(ctx, index.descriptor, nameOf("all"));
      const back = new MemoryStore();
      const root = await store().resolve(ctx, nameOf("all"));
      await copyGraph(ctx, { from: store(), to: back, root });

      expect(root).toMatchObject(index.descriptor);
      expect([...back.contents.keys()].sort()).toEqual([...from.contents.keys()].sort());
    });
  });
}

async function* breaking(start: string): Bytes {
  yield Buffer.from(start);
  throw new Error("source is gone");
}

async function* cancelling(start: string, controller: AbortController): Bytes {
  yield Buffer.from(start);
  controller.abort(new Error("enough"));
  yield Buffer.from(" content");
}
