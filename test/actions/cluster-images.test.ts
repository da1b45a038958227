import { mkdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

import { findClusterImages, recordClusterImages } from "../../src/actions/cluster-images.ts";
import { pruneStore, storeUsage } from "../../src/actions/prune-store.ts";
import { removeImages } from "../../src/actions/remove-images.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import * as content from "../support/test-image.ts";
import { openTestEnvironment, type TestImageEnvironment } from "./image-environment.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();
const image = content.testImage("one");
const other = content.testImage("two");

/** Two images, the first of a cluster; beside its Clusterfile one that cannot be read. */
async function scene(): Promise<TestImageEnvironment> {
  const environment = await openTestEnvironment();
  for (const [made, ...names] of [
    [image, "localhost/kube:v1", "localhost/kube:latest"],
    [other, "localhost/web:v1"],
  ] as const) {
    await content.pushImage(ctx, environment.store, made);
    for (const name of names) await environment.store.tag(ctx, made.manifest.descriptor, name);
  }
  for (const [cluster, text] of [
    ["broken", "{"],
    [
      "prod",
      "apiVersion: apps.sealos.io/v1beta1\nkind: Cluster\nmetadata: {name: prod}\nspec:\n  image: [kube:v1, gone:v1]\n  hosts: [{ips: ['10.0.0.1:22'], roles: [master]}]\n",
    ],
  ] as const) {
    mkdirSync(temporary(cluster));
    writeFileSync(temporary(cluster, "Clusterfile"), text);
  }
  return environment;
}

test("findClusterImages() says which images clusters are made of", async () => {
  await using environment = await scene();
  expect(await findClusterImages(ctx, environment.store, temporary())).toEqual([
    { cluster: "prod", digest: image.manifest.descriptor.digest, name: "localhost/kube:v1" },
  ]);
  expect(await findClusterImages(ctx, environment.store, temporary("none"))).toEqual([]);
});

test("removeImages() refuses a cluster's image by its name and ID, unless forced; another name of it may go", async () => {
  await using environment = await scene();
  const used = await findClusterImages(ctx, environment.store, temporary());
  const remove = (name: string, force = false) =>
    removeImages(ctx, environment, { kind: "named", names: ["web:v1", name], force }, used);
  await expect(remove("kube:v1")).rejects.toThrow('the cluster "prod" is made of it');
  await expect(remove(image.manifest.descriptor.digest)).rejects.toThrow('the cluster "prod" is made of it');
  expect(await environment.store.find(ctx, "web:v1")).toBeDefined();
  expect(await remove("kube:latest")).toMatchObject({ untagged: ["localhost/web:v1", "localhost/kube:latest"] });
  expect(await removeImages(ctx, environment, { kind: "named", names: ["kube:v1"], force: true }, used)).toMatchObject({
    untagged: ["localhost/kube:v1"],
  });
});

test("removeImages() of all leaves what clusters are made of and says so", async () => {
  await using environment = await scene();
  const used = await findClusterImages(ctx, environment.store, temporary());
  expect(await removeImages(ctx, environment, { kind: "all" }, used)).toMatchObject({
    untagged: ["localhost/web:v1"],
    kept: used,
  });
  expect(await removeImages(ctx, environment, { kind: "all", force: true }, used)).toMatchObject({ kept: [] });
  expect(await environment.store.list(ctx)).toEqual([]);
});

test("pruneStore() and removeImages() of unnamed images leave those that clusters were made of when they had a name", async () => {
  await using environment = await scene();
  const { store } = environment;
  const { digest } = image.manifest.descriptor;
  await recordClusterImages(temporary(), "prod", [digest]);
  await store.tag(ctx, other.manifest.descriptor, "localhost/kube:v1");
  await store.untag(ctx, "localhost/kube:latest");
  const used = await findClusterImages(ctx, store, temporary());
  expect(used).toEqual([
    { cluster: "prod", digest: other.manifest.descriptor.digest, name: "localhost/kube:v1" },
    { cluster: "prod", digest, name: undefined },
  ]);
  const { images } = await storeUsage(ctx, environment, used);
  expect(images.map(({ clusters }) => clusters)).toEqual([["prod"], ["prod"]]);
  expect(await pruneStore(ctx, environment, used)).toMatchObject({ removed: [] });
  expect(await removeImages(ctx, environment, { kind: "dangling" }, used)).toMatchObject({
    removed: [],
    kept: [{ cluster: "prod", digest, name: undefined }],
  });
  expect((await pruneStore(ctx, environment, [])).removed).toContain(digest);
});
