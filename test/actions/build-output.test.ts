import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { buildImage, type BuildRequest } from "../../src/actions/build-image.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { buildRequest, openTestEnvironment, writeContext, type TestImageEnvironment } from "./image-environment.ts";

const ctx = backgroundContext();
const ARM64 = { os: "linux", architecture: "arm64" };
const AMD64 = { os: "linux", architecture: "amd64" };

async function requestOf(environment: TestImageEnvironment): Promise<BuildRequest> {
  const folder = await writeContext(environment, { "d/f": "f" });
  const request = buildRequest(folder, "FROM scratch\nARG TARGETARCH\nCOPY d/f /d/$TARGETARCH\n");
  return { ...request, tags: [], savesImages: false };
}

function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
}

test("buildImage() writes the files of an image to a folder, which may have others", async () => {
  await using environment = await openTestEnvironment();
  const destination = join(environment.store.root, "../out");
  const request = { ...(await requestOf(environment)), outputs: [{ type: "local", destination }] } as const;
  await buildImage(ctx, environment, request);
  expect(listFiles(destination)).toEqual(["d", "d/amd64"]);
  writeFileSync(join(destination, "d/own"), "own");
  symlinkSync("/nowhere", join(destination, "d/arm64"));
  await buildImage(ctx, environment, { ...request, platforms: [ARM64] });
  expect(listFiles(destination)).toEqual(["d", "d/amd64", "d/arm64", "d/own"]);
  expect(readFileSync(join(destination, "d/arm64"), "utf8")).toBe("f");
});

test("buildImage() does not replace folders by files or files by folders", async () => {
  await using environment = await openTestEnvironment();
  const destination = join(environment.store.root, "../out");
  mkdirSync(destination);
  writeFileSync(join(destination, "d"), "a file");
  const request = { ...(await requestOf(environment)), outputs: [{ type: "local", destination }] } as const;
  await expect(buildImage(ctx, environment, request)).rejects.toThrow('/out/d": it is not a folder');
  expect(listFiles(destination)).toEqual(["d"]);
});

test("buildImage() writes a folder for each platform when there are several", async () => {
  await using environment = await openTestEnvironment();
  const destination = join(environment.store.root, "../out");
  const outputs = [{ type: "local", destination }] as const;
  await buildImage(ctx, environment, { ...(await requestOf(environment)), platforms: [AMD64, ARM64], outputs });
  expect(listFiles(destination)).toEqual([
    "linux_amd64",
    "linux_amd64/d",
    "linux_amd64/d/amd64",
    "linux_arm64",
    "linux_arm64/d",
    "linux_arm64/d/arm64",
  ]);
});

test("buildImage() writes a tar archive that GNU tar reads, for one platform only", async () => {
  await using environment = await openTestEnvironment();
  const destination = join(environment.store.root, "../out.tar");
  const request = { ...(await requestOf(environment)), outputs: [{ type: "tar", destination }] } as const;
  await buildImage(ctx, environment, request);
  expect(execFileSync("tar", ["tf", destination], { encoding: "utf8" })).toBe("d/\nd/amd64\n");
  await expect(buildImage(ctx, environment, { ...request, platforms: [AMD64, ARM64] })).rejects.toThrow(
    "a tar archive holds the files of one platform",
  );
});

test("buildImage() writes an archive of the image that skopeo reads", async () => {
  await using environment = await openTestEnvironment();
  const destination = join(environment.store.root, "../image.tar");
  const request = {
    ...(await requestOf(environment)),
    tags: ["web:v1"],
    outputs: [{ type: "oci", destination }],
  } as const;
  const { digest } = await buildImage(ctx, environment, request);
  const inspected: unknown = JSON.parse(
    execFileSync("skopeo", ["inspect", `oci-archive:${destination}:localhost/web:v1`], { encoding: "utf8" }),
  );
  expect(inspected).toMatchObject({ Digest: digest, Architecture: "amd64" });
});

test("buildImage() lists no image without a name that was wanted as something else", async () => {
  await using environment = await openTestEnvironment();
  const destination = join(environment.store.root, "../out.tar");
  await buildImage(ctx, environment, { ...(await requestOf(environment)), outputs: [{ type: "tar", destination }] });
  expect(await environment.store.list(ctx)).toEqual([]);
});
