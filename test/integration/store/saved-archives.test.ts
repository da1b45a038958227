import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { beforeEach, expect, test } from "vitest";

import type { ImageEnvironment } from "../../../src/actions/image-environment.ts";
import { loadImages } from "../../../src/actions/load-images.ts";
import { saveImages, type SaveFormat } from "../../../src/actions/save-images.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { ImageStore } from "../../../src/store/image-store.ts";
import { textMember } from "../../archive/entries.ts";
import { addImage, type TestImage } from "../../store/images.ts";
import { NO_REGISTRIES } from "../../support/no-registries.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();
const NAMES = ["localhost/web:v1", "registry.example.com/team/db:v2"];
let images: readonly TestImage[];
let environment: ImageEnvironment;

async function openEnvironment(folder: string): Promise<ImageEnvironment> {
  return {
    store: await ImageStore.open(ctx, temporary(folder)),
    platform: { os: "linux", architecture: "amd64" },
    ...NO_REGISTRIES,
  };
}

/** Two images that share a layer. */
beforeEach(async () => {
  environment = await openEnvironment("store");
  const shared = [textMember("shared", "by both")];
  images = [
    await addImage(ctx, environment.store, [shared, [textMember("web", "web")]], "gzip"),
    await addImage(ctx, environment.store, [shared, [textMember("db", "db")]], "gzip"),
  ];
  for (const [position, { manifest }] of images.entries()) {
    await environment.store.tag(ctx, manifest, NAMES[position] ?? "");
  }
});

function run(program: string, ...words: readonly string[]): string {
  return execFileSync(program, [...words], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

const ARCHIVES = (["oci-archive", "docker-archive"] as const).flatMap((format) =>
  ([undefined, "gzip", "zstd"] as const).map((compression) => [format, compression] as const),
);

test.for(ARCHIVES)(
  "skopeo and buildah find both images in a saved %s packed with %s",
  async ([format, compression]) => {
    const destination = temporary("images.tar");
    // skopeo 1.9.3 fails with "unexpected EOF" on small docker-archives in gzip, also on what gzip itself has packed.
    const isUnread = format === "docker-archive" && compression === "gzip";
    const saved = isUnread ? `${destination}.gz` : destination;
    await saveImages(ctx, environment, { names: NAMES, destination: saved, format, compression });
    if (isUnread) run("gzip", "-d", saved);
    const flags = ["--root", temporary("containers"), "--runroot", temporary("run"), "--storage-driver", "vfs"];
    for (const [position, name] of NAMES.entries()) {
      const place = `${format}:${destination}:${name}`;
      const raw: unknown = JSON.parse(run("skopeo", "inspect", "--raw", place));
      expect(raw).toMatchObject({ config: { digest: images[position]?.config.digest } });
      run("buildah", ...flags, "pull", "-q", place);
    }
    const listed = run("buildah", ...flags, "images", "-q", "--no-trunc")
      .trim()
      .split("\n");
    expect(listed.sort()).toEqual(images.map(({ config }) => config.digest).sort());
  },
);

test.for<SaveFormat>(["oci-archive", "docker-archive", "oci-dir"])(
  "loadImages() takes both images out of a saved %s, from a path and from a pipe",
  async (format) => {
    const destination = temporary("images");
    await saveImages(ctx, environment, { names: NAMES, destination, format });
    const inputs = format === "oci-dir" ? [destination] : [destination, createReadStream(destination)];
    for (const [position, input] of inputs.entries()) {
      await using other = (await openEnvironment(`other${position}`)).store;
      const loaded = await loadImages(ctx, { ...environment, store: other }, input);
      expect(loaded.map(({ name }) => name ?? "").sort()).toEqual(NAMES);
      if (format === "docker-archive") continue; // it has no manifests
      expect(loaded.map(({ digest }) => digest).sort()).toEqual(images.map(({ manifest }) => manifest.digest).sort());
    }
  },
);
