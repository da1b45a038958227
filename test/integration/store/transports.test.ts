import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";

import type { ImageEnvironment } from "../../../src/actions/image-environment.ts";
import { transferImage, type TransferRequest, type TransferredImage } from "../../../src/actions/transfer-image.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { parseLocation } from "../../../src/oci/image-location.ts";
import { openImageFiles } from "../../../src/store/image-files.ts";
import { ImageStore } from "../../../src/store/image-store.ts";
import { member, textMember } from "../../archive/entries.ts";
import { addImage, type TestImage } from "../../store/images.ts";
import { NO_REGISTRIES } from "../../support/no-registries.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();
const NAME = "localhost/web:v1";
let environment: ImageEnvironment;
let web: TestImage;

beforeEach(async () => {
  const store = await ImageStore.open(ctx, temporary("store"));
  environment = {
    store,
    platform: { os: "linux", architecture: "amd64" },
    ...NO_REGISTRIES,
  };
  const layers = [
    [{ entry: member("etc", { type: "directory", mode: 0o755 }) }, textMember("etc/hello", "hello")],
    [textMember("etc/.wh.hello", ""), textMember("latin-\udce9", "bytes")],
  ];
  web = await addImage(ctx, store, layers, "gzip");
  await store.tag(ctx, web.manifest, NAME);
});

function copy(from: string, to: string, options: Partial<TransferRequest> = {}): Promise<TransferredImage> {
  const request = { all: false, referrers: true, preserveDigests: false, ...options };
  const locations = { from: parseLocation(from), to: parseLocation(to) };
  return transferImage(ctx, { source: environment, destination: environment }, { ...request, ...locations });
}

test.for([
  ["oci:DIR", "oci"],
  ["oci:DIR:v2", "oci"],
  ["oci-archive:FILE", "oci-archive"],
  ["oci-archive:FILE:localhost/other:v2", "oci-archive"],
  ["dir:DIR", "dir"],
] as const)("skopeo reads %s with the same digest, and we read it back", async ([pattern]) => {
  const place = pattern.replace(/DIR|FILE/, temporary("place"));
  const copied = await copy(NAME, place);
  expect(copied.digest).toBe(web.manifest.digest);
  expect(JSON.parse(run("skopeo", "inspect", place))).toMatchObject({ Digest: web.manifest.digest });
  const other = await ImageStore.open(ctx, temporary("other"));
  const ends = { source: environment, destination: { ...environment, store: other } };
  const [from, to] = [parseLocation(place), parseLocation("back:v1")];
  const back = { from, to, all: false, referrers: true, preserveDigests: true };
  expect(await transferImage(ctx, ends, back)).toMatchObject({ digest: web.manifest.digest });
  expect((await openImageFiles(ctx, other, (await other.find(ctx, "back:v1")).descriptor)).tree.size).toBe(2);
});

test.for(["oci:DIR:v1", "oci-archive:FILE:v1", "dir:DIR"] as const)(
  "we read the %s that skopeo writes, with its digest",
  async (pattern) => {
    const place = pattern.replace(/DIR|FILE/, temporary("place"));
    run("skopeo", "copy", `oci:${temporary("store")}:${NAME}`, place);
    const { Digest } = JSON.parse(run("skopeo", "inspect", place));
    expect(await copy(place, "back:v1", { preserveDigests: true })).toMatchObject({ digest: Digest });
  },
);

test("skopeo and buildah read the docker-archive that we write: image ID and layers are the same", async () => {
  const { config } = await openImageFiles(ctx, environment.store, web.manifest);
  await copy(NAME, `docker-archive:${temporary("d.tar")}`);
  const inspected = JSON.parse(run("skopeo", "inspect", "--raw", `docker-archive:${temporary("d.tar")}:${NAME}`));
  expect(inspected.config.digest).toBe(web.config.digest);
  const flags = buildahFlags();
  run("buildah", ...flags, "pull", "-q", `docker-archive:${temporary("d.tar")}`);
  expect(JSON.parse(run("buildah", ...flags, "inspect", "--type", "image", NAME))).toMatchObject({
    FromImageID: web.config.digest.slice("sha256:".length),
    OCIv1: { rootfs: { diff_ids: config.rootfs.diff_ids } },
  });
});

test("we read the docker-archive that skopeo writes, each image by its name", async () => {
  const archive = `docker-archive:${temporary("s.tar")}`;
  run("skopeo", "copy", `oci:${temporary("store")}:${NAME}`, `${archive}:docker.io/library/web:v1`);
  await copy(`${archive}:web:v1`, "back:v1");
  const { descriptor } = await environment.store.find(ctx, "back:v1");
  const [before, after] = [
    await openImageFiles(ctx, environment.store, web.manifest),
    await openImageFiles(ctx, environment.store, descriptor),
  ];
  expect(after.manifest.config.digest).toBe(before.manifest.config.digest);
  expect([...after.tree.keys()]).toEqual([...before.tree.keys()]);
  await expect(copy(`${archive}:web:v2`, "back:v2")).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
});

test.for(["vfs", "overlay"] as const)(
  "we read images of buildah's storage, driver %s, with the layers that they came in",
  async (driver) => {
    mkdirSync(temporary("context"));
    writeFileSync(temporary("context/hello"), "hello".repeat(1000));
    writeFileSync(temporary("context/Containerfile"), `FROM ${NAME}\nCOPY hello /etc/bonjour\n`);
    const flags = buildahFlags(driver);
    await copy(NAME, `oci-archive:${temporary("base.tar")}`);
    run("buildah", ...flags, "pull", "-q", `oci-archive:${temporary("base.tar")}`);
    const build = ["bud", "--isolation", "chroot", "--layers", "--pull-never", "-q", "-t", "localhost/built:v1"];
    run("buildah", ...flags, ...build, temporary("context"));
    const id = run("buildah", ...flags, "images", "-q", "--no-trunc", "localhost/built:v1").trim();
    const storage = `containers-storage:[${driver}@${temporary("containers")}]`;
    for (const place of [`${storage}localhost/built:v1`, `${storage}@${id.replace("sha256:", "")}`]) {
      await copy(place, "built:v1");
      const { descriptor } = await environment.store.find(ctx, "built:v1");
      const { tree, manifest } = await openImageFiles(ctx, environment.store, descriptor);
      expect(manifest.config.digest).toBe(id);
      expect([...tree.keys()]).toEqual(["etc", "etc/bonjour", "latin-\udce9"]);
    }
  },
);

test("transferImage() converts to Docker's format, which skopeo reads, and back", async () => {
  const v2s2 = await copy(NAME, `dir:${temporary("v2s2")}`, { format: "v2s2" });
  expect(v2s2.digest).not.toBe(web.manifest.digest);
  expect(JSON.parse(run("skopeo", "inspect", `dir:${temporary("v2s2")}`))).toMatchObject({ Digest: v2s2.digest });
  expect(JSON.parse(readFileSync(temporary("v2s2/manifest.json"), "utf8")).mediaType).toContain("docker");
  const back = await copy(`dir:${temporary("v2s2")}`, "back:v1", { format: "oci" });
  expect(back.digest).toBe(web.manifest.digest);
});

test("transferImage() packs layers anew with zstd; skopeo reads them", async () => {
  const place = `oci:${temporary("zstd")}`;
  const packed = await copy(NAME, place, { compression: "zstd" });
  expect(packed.digest).not.toBe(packed.sourceDigest);
  expect(JSON.parse(run("skopeo", "inspect", "--raw", place)).layers).toMatchObject([
    { mediaType: "application/vnd.oci.image.layer.v1.tar+zstd" },
    { mediaType: "application/vnd.oci.image.layer.v1.tar+zstd" },
  ]);
  run("skopeo", "copy", place, `dir:${temporary("read")}`);
  expect(readdirSync(temporary("store/tmp"))).toEqual([]);
});

test.for<[string, string, Partial<TransferRequest>, string]>([
  [NAME, "docker-archive:PLACE", { preserveDigests: true }, "a docker-archive has no manifest"],
  [NAME, "oci:PLACE", { preserveDigests: true, format: "v2s2" }, "written anew in the format v2s2"],
  [NAME, "containers-storage:web", {}, "containers-storage is only read"],
  ["oci:PLACE", "web:v2", {}, 'it has no file "oci-layout"'],
  ["dir:PLACE", "web:v2", {}, 'it has no file "manifest.json"'],
  ["oci-archive:PLACE", "web:v2", {}, "there is no such file"],
  ["containers-storage:[PLACE]web", "web:v2", {}, "Cannot find image"],
])("transferImage() refuses to copy %s to %s %j", async ([from, to, options, message]) => {
  const [source, destination] = [from, to].map((text) => text.replace("PLACE", temporary("place")));
  await expect(copy(source ?? "", destination ?? "", options)).rejects.toThrow(message);
});

function buildahFlags(driver = "vfs"): string[] {
  return ["--root", temporary("containers"), "--runroot", temporary("run"), "--storage-driver", driver];
}

function run(program: string, ...words: string[]): string {
  return execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
