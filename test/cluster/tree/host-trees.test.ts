import { expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { textFile } from "../../../src/cluster/tree/host-tree.ts";
import { imageDocuments, registryTree, rootfsTree } from "../../../src/cluster/tree/host-trees.ts";
import { findText } from "../../../src/cluster/tree/read-file.ts";
import { clusterScene } from "../../support/cluster-scene.ts";

const ctx = backgroundContext();

const PATCH = {
  config: { Labels: { "sealos.io.type": "patch" }, Env: ["GREETING=hi"] },
  files: {
    "etc/greet.txt.tmpl": '{{ .GREETING }} from {{ env "registryDomain" }}{{ env "HOME" }}',
    "etc/kubeadm.yml": "kind: ClusterConfiguration\nnetworking: {podSubnet: 10.1.0.0/16}\n",
    "registry/docker/x": "blob",
  },
};

function scene() {
  return clusterScene({
    masters: "10.0.0.1",
    nodes: "10.0.0.2",
    images: ["kubernetes", "patch"],
    made: { patch: PATCH },
  });
}

test("rootfsTree() lays a patch over the rootfs and renders its templates with both environments", async () => {
  const { run } = scene();
  const tree = await rootfsTree(ctx, run, run.firstControlPlane);
  expect(await findText(ctx, tree, "etc/greet.txt")).toBe("hi from sealos.hub");
  expect(tree.has("etc/greet.txt.tmpl")).toBe(false);
  expect(tree.get("scripts/init.sh")).toEqual(textFile("#!/bin/sh\n", 0o755));
  expect([...tree.keys()].filter((path) => path.startsWith("registry/"))).toEqual([]);
});

test("rootfsTree() gives the registry's key to the registry host only", async () => {
  const { run } = scene();
  const [master, worker] = run.hosts;
  if (!master || !worker) throw new Error("two hosts");
  expect((await rootfsTree(ctx, run, master)).get("etc/registry/tls.key")).toMatchObject({ mode: 0o600 });
  expect((await rootfsTree(ctx, run, worker)).has("etc/registry/tls.key")).toBe(false);
  expect((await rootfsTree(ctx, run, worker)).has("etc/registry/ca.crt")).toBe(true);
});

test("registryTree() and imageDocuments() take what the images ship", async () => {
  const { run } = scene();
  expect([...(await registryTree(ctx, run)).keys()]).toEqual(["docker/x"]);
  expect(await imageDocuments(ctx, run)).toEqual([
    { kind: "ClusterConfiguration", networking: { podSubnet: "10.1.0.0/16" } },
  ]);
});
