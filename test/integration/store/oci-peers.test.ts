import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { openImageFiles, readTreeFile } from "../../../src/store/image-files.ts";
import { ImageStore } from "../../../src/store/image-store.ts";
import { loadArchive } from "../../../src/store/load-archive.ts";
import { saveArchive } from "../../../src/store/save-archive.ts";
import { member, textMember } from "../../archive/entries.ts";
import { addImage, type TestImage } from "../../store/images.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();
const NAME = "localhost/web:v1";
const LAYERS = [
  [
    { entry: member("etc", { type: "directory", mode: 0o755 }) },
    textMember("etc/hello", "hello"),
    textMember("etc/gone", "x"),
    textMember("latin-\udce9", "bytes"),
  ],
  [textMember("etc/.wh.gone", ""), textMember(`${"long/".repeat(60)}name`, "long")],
] as const;
let store: ImageStore;
let web: TestImage;

beforeEach(async () => {
  store = await ImageStore.open(ctx, temporary("store"));
  web = await addImage(ctx, store, LAYERS, "gzip");
  await store.tag(ctx, web.manifest, NAME);
});

test("skopeo reads the store as an OCI layout", () => {
  expect(JSON.parse(run("skopeo", "inspect", `oci:${temporary("store")}:${NAME}`))).toMatchObject({
    Digest: web.manifest.digest,
    Architecture: "amd64",
    Layers: web.layers.map(({ digest }) => digest),
  });
});

test("skopeo puts an image into the store that find() and openImageFiles() take", async () => {
  run("skopeo", "copy", `oci:${temporary("store")}:${NAME}`, `oci:${temporary("other")}:localhost/copy:v2`);
  const other = await ImageStore.open(ctx, temporary("other"));
  run("skopeo", "copy", `oci:${temporary("store")}:${NAME}`, `oci:${temporary("other")}:localhost/copy:v3`);
  const { descriptor } = await other.find(ctx, "copy:v3");
  expect([...(await openImageFiles(ctx, other, descriptor)).tree.keys()]).toContain("etc/hello");
});

test("skopeo reads what saveArchive() wrote, loadArchive() what skopeo wrote", async () => {
  await saveArchive(ctx, store, {
    images: [{ descriptor: web.manifest, name: NAME }],
    destination: temporary("a.tar"),
  });
  expect(JSON.parse(run("skopeo", "inspect", `oci-archive:${temporary("a.tar")}`))).toMatchObject({
    Digest: web.manifest.digest,
  });
  run("skopeo", "copy", `oci-archive:${temporary("a.tar")}`, `oci-archive:${temporary("b.tar")}:localhost/again:v1`);
  const other = await ImageStore.open(ctx, temporary("other"));
  expect(await loadArchive(ctx, other, temporary("b.tar"))).toMatchObject([{ name: "localhost/again:v1" }]);
  const { tree } = await openImageFiles(ctx, other, (await other.find(ctx, "again:v1")).descriptor);
  expect(tree).toEqual(relocated((await openImageFiles(ctx, store, web.manifest)).tree));
});

test("skopeo finds each of several images that saveArchive() put into one file", async () => {
  const api = await addImage(ctx, store, [[textMember("api", "x")]], "zstd");
  const images = [
    { descriptor: web.manifest, name: NAME },
    { descriptor: api.manifest, name: "localhost/api:v1" },
  ];
  await saveArchive(ctx, store, { images, destination: temporary("all.tar") });
  const inspected = run("skopeo", "inspect", `oci-archive:${temporary("all.tar")}:localhost/api:v1`);
  expect(JSON.parse(inspected)).toMatchObject({ Digest: api.manifest.digest });
});

test("umoci unpacks an image of the store", () => {
  // umoci wants a tag without slashes, so it gets a layout whose name is one.
  run("skopeo", "copy", `oci:${temporary("store")}:${NAME}`, `oci:${temporary("plain")}:v1`);
  run("umoci", "raw", "unpack", "--image", `${temporary("plain")}:v1`, temporary("rootfs"));
  expect(readFileSync(temporary("rootfs/etc/hello"), "utf8")).toBe("hello");
  const names = run("find", temporary("rootfs"), "-type", "f", "-printf", "%P\n");
  expect(names).not.toContain("gone");
  expect(names).toContain(`${"long/".repeat(60)}name`);
});

test("loadArchive() reads what buildah writes", async () => {
  mkdirSync(temporary("context"));
  writeFileSync(temporary("context/hello"), "hello");
  writeFileSync(temporary("context/Containerfile"), "FROM scratch\nCOPY hello /etc/\nLABEL a=b\n");
  const buildah = ["--root", temporary("containers"), "--runroot", temporary("run"), "--storage-driver", "vfs"];
  run("buildah", ...buildah, "bud", "--isolation", "chroot", "-q", "-t", "localhost/built:v1", temporary("context"));
  run(
    "buildah",
    ...buildah,
    "push",
    "-q",
    "localhost/built:v1",
    `oci-archive:${temporary("built.tar")}:localhost/built:v1`,
  );
  const [loaded] = await loadArchive(ctx, store, temporary("built.tar"));
  expect(loaded?.name).toBe("localhost/built:v1");
  const files = await openImageFiles(ctx, store, loaded?.descriptor ?? web.manifest);
  const hello = files.tree.get("etc/hello");
  if (hello?.type !== "file") throw new Error("etc/hello is not a file");
  expect((await readTreeFile(ctx, hello, 100)).toString()).toBe("hello");
  expect(files.config.config?.Labels).toMatchObject({ a: "b" });
});

test("buildah builds on what saveArchive() wrote", async () => {
  await saveArchive(ctx, store, {
    images: [{ descriptor: web.manifest, name: NAME }],
    destination: temporary("a.tar"),
  });
  mkdirSync(temporary("context"));
  writeFileSync(temporary("context/Containerfile"), `FROM ${NAME}\nLABEL a=b\n`);
  const buildah = ["--root", temporary("containers"), "--runroot", temporary("run"), "--storage-driver", "vfs"];
  run("buildah", ...buildah, "pull", "-q", `oci-archive:${temporary("a.tar")}`);
  run("buildah", ...buildah, "bud", "--isolation", "chroot", "--pull-never", "-q", "-t", "built", temporary("context"));
  const inspected = JSON.parse(run("buildah", ...buildah, "inspect", "--type", "image", "localhost/built"));
  expect(inspected).toMatchObject({ OCIv1: { config: { Labels: { a: "b" } } } });
  expect(inspected.OCIv1.rootfs.diff_ids.slice(0, 2)).toEqual(
    (await openImageFiles(ctx, store, web.manifest)).config.rootfs.diff_ids,
  );
});

function run(program: string, ...words: string[]): string {
  return execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** The same tree, with its content where the other store has it. */
function relocated(tree: ReadonlyMap<string, object>): ReadonlyMap<string, object> {
  const text = JSON.stringify([...tree]).replaceAll(temporary("store/"), temporary("other/"));
  const entries: [string, object][] = JSON.parse(text);
  return new Map(entries);
}
