import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { bytesOf, collect, type Bytes } from "../../../src/base/bytes.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { copyGraph } from "../../../src/oci/copy-graph.ts";
import { RemoteRegistry } from "../../../src/registry/client/remote-registry.ts";
import { RemoteRepository } from "../../../src/registry/client/remote-repository.ts";
import { describeImageTarget } from "../../support/content-store-contract.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { TaggedByName } from "../../support/tagged-by-name.ts";
import { blob, pushBlob, pushImage, sha512Blob, testImage, testIndex } from "../../support/test-image.ts";

export interface RunningRegistry {
  /** For instance `127.0.0.1:40123`. */
  readonly name: string;
  close(): Promise<void>;
}

/** What the client and any registry do together. */
export function describeRegistry(name: string, start: () => Promise<RunningRegistry>): void {
  let server: RunningRegistry | undefined;
  let registry = new RemoteRegistry("unused.example");
  let repositories = 0;
  const ctx = backgroundContext();
  const openRepository = (): RemoteRepository => new RemoteRepository(registry, `test/repository${repositories++}`);

  beforeAll(async () => {
    server = await start();
    registry = new RemoteRegistry(server.name);
  });
  afterAll(async () => {
    registry.close();
    await server?.close();
  });

  describeImageTarget(`RemoteRepository on ${name}`, () =>
    Promise.resolve({ store: new TaggedByName(openRepository()), close: () => Promise.resolve() }),
  );

  describe(`RemoteRepository on ${name}`, () => {
    test("copyGraph() brings an index with its images there and back", async () => {
      const from = new MemoryStore();
      const images = [testImage("amd64", "shared"), testImage("arm64", "shared", "x".repeat(3_000_000))];
      for (const image of images) await pushImage(ctx, from, image);
      const index = testIndex(...images.map(({ manifest }) => manifest));
      await pushBlob(ctx, from, index);
      const repository = openRepository();

      await copyGraph(ctx, { from, to: repository, root: index.descriptor });
      await repository.tag(ctx, index.descriptor, "all");
      const back = new MemoryStore();
      await copyGraph(ctx, { from: repository, to: back, root: await repository.resolve(ctx, "all") });

      expect([...back.blobs.keys()].sort()).toEqual([...from.blobs.keys()].sort());
    });

    test("push() of a blob sends no content when another repository has it", async () => {
      const piece = blob("mounted from elsewhere");
      const source = openRepository();
      await pushBlob(ctx, source, piece);
      const target = new RemoteRepository(registry, "test/mounted", {
        findMountSource: () => `test/repository${repositories - 1}`,
      });

      await target.push(ctx, piece.descriptor, unreadable());

      expect((await collect(await target.fetch(ctx, piece.descriptor), 100)).toString()).toBe("mounted from elsewhere");
    });

    test("push() of a blob sends its content when the other repository does not have it", async () => {
      const piece = blob("not there to mount");
      const target = new RemoteRepository(registry, "test/sent", { findMountSource: () => "test/nowhere" });
      await pushBlob(ctx, target, piece);
      expect(await target.has(ctx, piece.descriptor)).toBe(true);
    });

    test("push() ends and stores nothing when it is cancelled in the middle", async () => {
      const piece = blob("x".repeat(200_000));
      const cancelled = new AbortController();
      const repository = openRepository();
      const content = cancelling("x".repeat(100_000), cancelled);
      const push = repository.push({ ...ctx, signal: cancelled.signal }, piece.descriptor, content);
      await expect(push).rejects.toThrow("enough");
      expect(await repository.has(ctx, piece.descriptor)).toBe(false);
    });

    test("fetch() ends with the reason when it is cancelled in the middle", async () => {
      const piece = blob("y".repeat(3_000_000));
      const repository = openRepository();
      await pushBlob(ctx, repository, piece);
      const cancelled = new AbortController();
      const content = await repository.fetch({ ...ctx, signal: cancelled.signal }, piece.descriptor);
      await expect(cancelAtFirst(content, cancelled)).rejects.toThrow("enough");
    });

    test("push() of a manifest fails with the registry's code when a layer is missing", async () => {
      const repository = openRepository();
      const { manifest } = testImage("never pushed");
      await expect(pushBlob(ctx, repository, manifest)).rejects.toMatchObject({
        code: "REGISTRY_MANIFEST_BLOB_UNKNOWN",
      });
    });

    test("fetch() gives back content with a sha512 digest", async () => {
      const repository = openRepository();
      const piece = sha512Blob("long digest");
      await pushBlob(ctx, repository, piece);
      expect((await collect(await repository.fetch(ctx, piece.descriptor), 100)).toString()).toBe("long digest");
    });
  });
}

async function* unreadable(): Bytes {
  yield* bytesOf("");
  throw new Error("the content was read");
}

async function* cancelling(start: string, controller: AbortController): Bytes {
  yield Buffer.from(start);
  controller.abort(new Error("enough"));
  yield Buffer.from(start);
}

async function cancelAtFirst(content: Bytes, controller: AbortController): Promise<void> {
  for await (const chunk of content) {
    if (chunk.byteLength > 0) controller.abort(new Error("enough"));
  }
}
