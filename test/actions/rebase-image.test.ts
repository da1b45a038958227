import { beforeEach, expect, test } from "vitest";

import { rebaseConfig } from "../../src/actions/rebase-config.ts";
import { rebaseImage } from "../../src/actions/rebase-image.ts";
import { readImage } from "../../src/actions/read-image.ts";
import { pushDocument } from "../../src/actions/store-documents.ts";
import { backgroundContext } from "../../src/base/context.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import type { ImageConfig } from "../../src/oci/image-config.ts";
import { MEDIA_TYPES } from "../../src/oci/media-type.ts";
import type { ImageStore } from "../../src/store/image-store.ts";
import { blob, pushBlob } from "../support/test-image.ts";
import { openTestEnvironment, type TestImageEnvironment } from "./image-environment.ts";

const ctx = backgroundContext();
const PLATFORM = { os: "linux", architecture: "amd64" };
function imageConfig(value: ImageConfig["config"]): ImageConfig {
  return { ...PLATFORM, ...(value && { config: value }), rootfs: { type: "layers", diff_ids: [] } };
}

interface Made {
  readonly layers: readonly string[];
  readonly config?: ImageConfig["config"];
  readonly steps?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
}

async function make(store: ImageStore, name: string, made: Made): Promise<Descriptor> {
  const layers = made.layers.map((text) => blob(text));
  for (const layer of layers) await pushBlob(ctx, store, layer);
  const diff_ids = layers.map(({ descriptor }) => descriptor.digest);
  const history = (made.steps ?? made.layers.map((text) => `COPY ${text}`)).map((created_by) => ({ created_by }));
  const config = await pushDocument(ctx, store, {
    mediaType: MEDIA_TYPES.ociConfig,
    document: { ...PLATFORM, config: made.config ?? {}, rootfs: { type: "layers", diff_ids }, history },
  });
  const manifest = await pushDocument(ctx, store, {
    mediaType: MEDIA_TYPES.ociManifest,
    document: {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config,
      layers: layers.map(({ descriptor }) => descriptor),
      ...(made.annotations && { annotations: made.annotations }),
    },
  });
  await store.tag(ctx, manifest, `localhost/${name}`);
  return manifest;
}

let environment: TestImageEnvironment;

beforeEach(async () => {
  environment = await openTestEnvironment();
  const { store } = environment;
  await make(store, "base:1", { layers: ["old"], config: { Env: ["A=1", "PATH=/bin"], User: "app" } });
  await make(store, "base:2", { layers: ["new", "more"], config: { Env: ["A=2", "PATH=/bin"], WorkingDir: "/srv" } });
  await make(store, "web:1", { layers: ["old", "web"], config: { Env: ["A=1", "PATH=/web"], User: "app" } });
  return () => environment[Symbol.asyncDispose]();
});

const rebase = (changes: object = {}) =>
  rebaseImage(ctx, environment, { name: "web:1", onto: "base:2", tags: ["web:2"], force: false, ...changes });

test("rebaseImage() puts the image's own layers on the new base, found by its layers", async () => {
  expect(await rebase()).toMatchObject({
    names: ["localhost/web:2"],
    oldBase: "localhost/base:1",
    keptLayers: 1,
  });
  const { descriptor: root } = await environment.store.find(ctx, "web:2");
  const { manifest, config } = await readImage(ctx, environment.store, { name: "web:2", root, platform: PLATFORM });
  const digests = ["new", "more", "web"].map((text) => blob(text).descriptor.digest);
  expect(manifest.layers.map(({ digest }) => digest)).toEqual(digests);
  expect(config.rootfs.diff_ids).toEqual(digests);
  expect(config.history?.map(({ created_by }) => created_by)).toEqual(["COPY new", "COPY more", "COPY web"]);
  expect(config.config).toEqual({ Env: ["A=2", "PATH=/web"], WorkingDir: "/srv" });
  expect(manifest.annotations).toMatchObject({ "org.opencontainers.image.base.name": "localhost/base:2" });
});

test("rebaseImage() gives the same digest again", async () => {
  expect((await rebase()).digest).toBe((await rebase()).digest);
});

test("rebaseImage() finds the old base in the image's annotations", async () => {
  const base = await environment.store.find(ctx, "base:1");
  await environment.store.tag(ctx, base.descriptor, `localhost/kept@${base.descriptor.digest}`);
  const annotations = {
    "org.opencontainers.image.base.name": "localhost/kept:1",
    "org.opencontainers.image.base.digest": base.descriptor.digest,
  };
  await make(environment.store, "web:1", { layers: ["old", "web"], annotations });
  expect(await rebase()).toMatchObject({ oldBase: `localhost/kept@${base.descriptor.digest}` });
});

test("rebaseImage() refuses what a command made, unless it is told to", async () => {
  await make(environment.store, "web:1", { layers: ["old", "web"], steps: ["COPY old", "RUN make"] });
  await expect(rebase()).rejects.toThrow("a command made files that depend on its base: RUN make");
  expect(await rebase({ force: true })).toMatchObject({ keptLayers: 1 });
});

test.for([
  [{ oldBase: "base:2" }, 'it is not built on "base:2"'],
  [{ name: "base:1", onto: "base:2" }, "Name it with --old-base"],
  [{ onto: "localhost/none:1" }, "localhost/none:1"],
] as const)("rebaseImage() refuses %j", async ([changes, text]) => {
  const failure: unknown = await rebase(changes).catch((error: unknown) => error);
  expect(failure).toMatchObject({ message: expect.any(String) });
  expect(`${String(failure)} ${JSON.stringify(failure)}`).toContain(text);
});

test.for<[string, ImageConfig["config"], ImageConfig["config"], ImageConfig["config"], object]>([
  ["own command", { Cmd: ["web"] }, { Cmd: ["sh"] }, { Cmd: ["bash"] }, { Cmd: ["web"] }],
  ["inherited command", { Cmd: ["sh"] }, { Cmd: ["sh"] }, { Cmd: ["bash"] }, { Cmd: ["bash"] }],
  [
    "label by label",
    { Labels: { a: "1", b: "2" } },
    { Labels: { a: "1" } },
    { Labels: { c: "3" } },
    { Labels: { c: "3", b: "2" } },
  ],
  ["a variable that the new base drops", { Env: ["A=1"] }, { Env: ["A=1"] }, {}, {}],
])("rebaseConfig() keeps %s", ([, own, before, after, expected]) => {
  const rebased = rebaseConfig(imageConfig(own), { oldBase: imageConfig(before), newBase: imageConfig(after) });
  expect(rebased.config).toEqual(expected);
});
