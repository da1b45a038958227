import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

import { selectHosts } from "../../src/actions/select-hosts.ts";
import { findCluster, loadCluster, retireCluster, saveCluster } from "../../src/actions/stored-cluster.ts";
import { Secret } from "../../src/base/secret.ts";
import type { Clusterfile } from "../../src/cluster/cluster.ts";

const root = mkdtempSync(join(tmpdir(), "stored-cluster-"));
afterAll(() => rmSync(root, { recursive: true }));

const host = (address: string, ...roles: string[]) => ({ address, port: 22, roles, env: {}, ssh: {} });

const CLUSTERFILE: Clusterfile = {
  cluster: {
    name: "prod",
    images: ["kubernetes:v1"],
    ssh: { password: new Secret("s3cret") },
    hosts: [host("10.0.0.1", "master"), host("10.0.0.2", "node"), host("10.0.0.3", "node", "gpu")],
    env: {},
    command: undefined,
  },
  configs: [],
  runtimeDocuments: [],
  imageEnv: {},
  phase: "ClusterSuccess",
  createdAt: "2026-11-25T00:00:00Z",
};

test("saveCluster() keeps a cluster in a file for its owner only, and loadCluster() reads it", async () => {
  expect(await findCluster(root, "prod")).toBeUndefined();
  await saveCluster(root, CLUSTERFILE);
  expect(statSync(join(root, "prod/Clusterfile")).mode & 0o777).toBe(0o600);
  const loaded = await loadCluster(root, "prod");
  expect(loaded.cluster.ssh.password?.reveal()).toBe("s3cret");
  expect(loaded.phase).toBe("ClusterSuccess");
});

test("retireCluster() puts the Clusterfile aside, and the cluster is gone", async () => {
  await saveCluster(root, { ...CLUSTERFILE, cluster: { ...CLUSTERFILE.cluster, name: "old" } });
  await retireCluster(root, "old", new Date("2026-11-25T00:00:00Z"));
  expect(readdirSync(join(root, "old"))).toEqual(["Clusterfile.1795564800"]);
  await expect(loadCluster(root, "old")).rejects.toMatchObject({ code: "CLUSTER_NOT_FOUND" });
});

test.each([
  [{ roles: [], addresses: [] }, ["10.0.0.1", "10.0.0.2", "10.0.0.3"]],
  [{ roles: ["node", "gpu"], addresses: [] }, ["10.0.0.2", "10.0.0.3"]],
  [{ roles: ["master"], addresses: ["10.0.0.2-10.0.0.3"] }, ["10.0.0.2", "10.0.0.3"]],
])("selectHosts() with %j", (selection, addresses) => {
  expect(selectHosts(CLUSTERFILE.cluster, selection).map(({ address }) => address)).toEqual(addresses);
});

test("selectHosts() names the hosts there are when a word matches none", () => {
  expect(() => selectHosts(CLUSTERFILE.cluster, { roles: ["etcd"], addresses: [] })).toThrow(
    'Cannot find role etcd in cluster "prod": its hosts are 10.0.0.1 (master), 10.0.0.2 (node), 10.0.0.3 (node, gpu)',
  );
});
