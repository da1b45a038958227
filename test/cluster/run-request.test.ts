import { expect, test } from "vitest";

import type { ConfigObject } from "../../src/cluster/cluster.ts";
import { applyRunRequest, type RunRequest } from "../../src/cluster/run-request.ts";
import { Secret } from "../../src/base/secret.ts";

const REQUEST: RunRequest = {
  cluster: "default",
  images: ["kubernetes:v1"],
  masters: "10.0.0.1",
  nodes: "",
  ssh: {},
  env: {},
  command: undefined,
  refinements: [],
  ownAddress: "10.0.0.9",
};

test("applyRunRequest() makes a cluster of the hosts that are named, or of this machine", () => {
  expect(applyRunRequest(undefined, REQUEST).cluster.hosts.map(({ address }) => address)).toEqual(["10.0.0.1"]);
  const own = applyRunRequest(undefined, { ...REQUEST, masters: "" });
  expect(own.cluster.hosts).toMatchObject([{ address: "10.0.0.9", roles: ["master"] }]);
});

test("applyRunRequest() adds what is new to what is stored, and changes single settings of the login", () => {
  const stored = applyRunRequest(undefined, { ...REQUEST, ssh: { user: "ops", password: new Secret("old") } });
  const request = { ...REQUEST, images: ["kubernetes:v1", "web:v1"], nodes: "10.0.0.2:2222", ssh: { port: 22 } };
  const { cluster, imageEnv } = applyRunRequest(stored, { ...request, env: { A: "1" } });
  expect(cluster.images).toEqual(["kubernetes:v1", "web:v1"]);
  expect(cluster.hosts.map(({ address, port, roles }) => [address, port, roles])).toEqual([
    ["10.0.0.1", undefined, ["master"]],
    ["10.0.0.2", 2222, ["node"]],
  ]);
  expect(cluster.ssh).toMatchObject({ user: "ops", port: 22 });
  expect(cluster.ssh.password?.reveal()).toBe("old");
  expect(imageEnv).toEqual({ "kubernetes:v1": { A: "1" }, "web:v1": { A: "1" } });
});

function config(data: string): ConfigObject {
  return { name: "c", path: "a", match: undefined, strategy: "override", data };
}

test("applyRunRequest() replaces Config objects by name and kubeadm documents by kind", () => {
  const first = { configs: [config("old")], runtimeDocuments: [{ kind: "InitConfiguration", a: 1 }] };
  const second = { configs: [config("new")], runtimeDocuments: [{ kind: "InitConfiguration", a: 2 }] };
  const stored = applyRunRequest(undefined, { ...REQUEST, refinements: [first] });
  const result = applyRunRequest(stored, { ...REQUEST, refinements: [second] });
  expect(result.configs.map(({ data }) => data)).toEqual(["new"]);
  expect(result.runtimeDocuments).toEqual([{ kind: "InitConfiguration", a: 2 }]);
});

test.each([
  [{ images: [] }, 'Cannot run cluster "default": no image is named and none is stored'],
  [{ nodes: "10.0.0.1" }, "Cannot use host 10.0.0.1 twice"],
])("applyRunRequest() refuses %j", (change, message) => {
  expect(() => applyRunRequest(undefined, { ...REQUEST, ...change })).toThrow(message);
});

test("applyRunRequest() refuses to give a stored host another role", () => {
  const stored = applyRunRequest(undefined, REQUEST);
  expect(() => applyRunRequest(stored, { ...REQUEST, masters: "", nodes: "10.0.0.1" })).toThrow(
    'Cannot make 10.0.0.1 a node: it is in cluster "default" as master',
  );
});
