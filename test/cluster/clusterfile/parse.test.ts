import { expect, test } from "vitest";

import { ClusterfileError, parseClusterfile } from "../../../src/cluster/clusterfile/parse.ts";
import { renderClusterfile } from "../../../src/cluster/clusterfile/render.ts";

const COMPLETE = `apiVersion: apps.sealos.io/v1beta1
kind: Cluster
metadata:
  name: prod
  creationTimestamp: null
spec:
  image: [labring/kubernetes:v1.36.3, labring/helm:v3.16.2]
  ssh: {user: root, passwd: s3cret, port: 2222}
  env: [defaultVIP=10.103.97.9, "OPTS=a=b, c"]
  hosts:
    - ips: ["10.0.0.1:22", 10.0.0.2]
      roles: [master, amd64]
    - ips: [10.0.1.1-10.0.1.2]
      roles: [node, amd64]
      env: [ZONE=b]
      ssh: {user: ops, passwd: 12345}
---
apiVersion: apps.sealos.io/v1beta1
kind: Config
metadata: {name: cilium-values}
spec: {path: charts/values.yaml, match: labring/cilium:v1.16.5, strategy: merge, data: "a: true\\n"}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
networking: {podSubnet: 10.160.0.0/12}
`;

test("parseClusterfile() reads every kind of document", () => {
  const { cluster, configs, runtimeDocuments } = parseClusterfile(COMPLETE, "Clusterfile");
  expect(cluster.name).toBe("prod");
  expect(cluster.env).toEqual({ defaultVIP: "10.103.97.9", OPTS: "a=b, c" });
  expect(cluster.ssh.password?.reveal()).toBe("s3cret");
  expect(cluster.hosts.map(({ address, port, roles }) => [address, port, roles[0]])).toEqual([
    ["10.0.0.1", 22, "master"],
    ["10.0.0.2", undefined, "master"],
    ["10.0.1.1", undefined, "node"],
    ["10.0.1.2", undefined, "node"],
  ]);
  expect(cluster.hosts[3]).toMatchObject({ env: { ZONE: "b" }, ssh: { user: "ops" } });
  expect(cluster.hosts[3]?.ssh.password?.reveal()).toBe("12345");
  expect(configs).toEqual([
    {
      name: "cilium-values",
      path: "charts/values.yaml",
      match: "labring/cilium:v1.16.5",
      strategy: "merge",
      data: "a: true\n",
    },
  ]);
  expect(runtimeDocuments).toMatchObject([{ kind: "ClusterConfiguration" }]);
});

test("renderClusterfile() writes what parseClusterfile() reads", () => {
  const clusterfile = parseClusterfile(COMPLETE, "Clusterfile");
  const text = renderClusterfile({ ...clusterfile, phase: "ClusterSuccess", createdAt: "2026-11-25T00:00:00Z" });
  const again = parseClusterfile(text, "stored");
  expect(again.phase).toBe("ClusterSuccess");
  expect(again.createdAt).toBe("2026-11-25T00:00:00Z");
  expect(again.cluster.hosts[3]?.ssh.password?.reveal()).toBe("12345");
  expect(again.cluster.hosts.map(({ address, port }) => `${address}:${port}`)).toEqual([
    "10.0.0.1:22",
    "10.0.0.2:2222",
    "10.0.1.1:2222",
    "10.0.1.2:2222",
  ]);
  expect(again.runtimeDocuments).toEqual(clusterfile.runtimeDocuments);
});

test("parseClusterfile() names all violations with their lines at once, and no secret", () => {
  const text = `apiVersion: apps.sealos.io/v1beta1
kind: Cluster
metadata: {name: Prod}
spec:
  images: [a]
  ssh: {passwd: s3cret, port: none}
  hosts:
    - ips: [10.0.0.1, 10.0.0.1]
      roles: master
---
kind: Clutser
`;
  let failure: unknown;
  try {
    parseClusterfile(text, "Clusterfile");
  } catch (error) {
    failure = error;
  }
  expect(failure).toBeInstanceOf(ClusterfileError);
  expect(failure instanceof ClusterfileError && failure.violations).toEqual([
    'Clusterfile:3:18: metadata.name: expected lower-case letters, digits, - and ., found "Prod"',
    'Clusterfile:6:31: spec.ssh.port: expected number, found "none"',
    'Clusterfile:9:14: spec.hosts.0.roles: expected array, found "master"',
    'Clusterfile:5:11: spec.images: unknown field, did you mean "image"?',
    "Clusterfile:8:23: spec.hosts.0.ips.1: duplicate host 10.0.0.1",
    'Clusterfile:11:7: kind: unknown kind "Clutser"',
  ]);
  expect(String(failure)).not.toContain("s3cret");
});

test("parseClusterfile() refuses a host that is named twice in any form", () => {
  const text = COMPLETE.replace("10.0.1.1-10.0.1.2", "10.0.0.1:2022");
  expect(() => parseClusterfile(text, "Clusterfile")).toThrow(
    "Clusterfile:13:13: spec.hosts.1.ips.0: duplicate host 10.0.0.1",
  );
});
