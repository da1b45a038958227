import { expect, test } from "vitest";

import { initControlPlane } from "../../../src/cluster/phases/init-control-plane.ts";
import { joinControlPlanes, joinWorkers } from "../../../src/cluster/phases/join-hosts.ts";
import { clusterScene } from "../../support/cluster-scene.ts";

const STARTED = "kubeadm-init-started e3b0c44298fc1c149afbf4c8996fb924\n";

test("initControlPlane notes that it begins before kubeadm runs, and that it ended after", async () => {
  const scene = clusterScene({ masters: "10.0.0.1", nodes: "10.0.0.2" });
  const calls = await scene.perform(initControlPlane);
  const important = calls.filter((call) => /put |kubeadm init/.test(call));
  expect(important).toEqual([
    "10.0.0.1 put /data/data/default/etc/kubeadm-init.yaml",
    "10.0.0.1 put /data/data/default/.state/steps",
    expect.stringContaining("kubeadm init --skip-token-print"),
    "10.0.0.1 put /data/data/default/.state/steps",
  ]);
  expect(scene.host("10.0.0.1").textOf("/data/data/default/etc/kubeadm-init.yaml")).not.toContain("- all");
  expect(scene.host("10.0.0.2").calls.filter((call) => !call.startsWith("query"))).toEqual([]);
});

test("initControlPlane goes on without checks for a clean machine when it was cut off", async () => {
  const scene = clusterScene({ masters: "10.0.0.1", rules: [["/.state/steps", STARTED]] });
  await scene.perform(initControlPlane);
  const file = scene.host("10.0.0.1").textOf("/data/data/default/etc/kubeadm-init.yaml");
  expect(file).toContain("ignorePreflightErrors:\n    - all");
});

test("initControlPlane does nothing when it has ended", async () => {
  const scene = clusterScene({ masters: "10.0.0.1", rules: [["/.state/steps", STARTED.replace("-started", "")]] });
  const calls = await scene.perform(initControlPlane);
  expect(calls.filter((call) => / (run|put) /.test(call))).toEqual([]);
});

test("joinWorkers makes one token for all and gives it to nothing but 0600 files", async () => {
  const token = "abcdef.0123456789abcdef";
  const scene = clusterScene({
    masters: "10.0.0.1",
    nodes: "10.0.0.2,10.0.0.3",
    rules: [
      ["kubeadm token create", `${token}\n`],
      ["cat /etc/kubernetes/pki/ca.crt", "PEM"],
    ],
  });
  const calls = await scene.perform(joinWorkers);
  expect(calls.filter((call) => call.includes("token create"))).toHaveLength(1);
  expect(calls.filter((call) => call.includes("kubeadm join"))).toHaveLength(2);
  expect(calls.join("\n")).not.toContain(token);
  const file = scene.host("10.0.0.3").files.get("/data/data/default/etc/kubeadm-join-node.yaml");
  expect(file?.mode).toBe(0o600);
});

test("joinWorkers cleans a machine whose join was cut off, unless it became a member", async () => {
  const rules = [
    ["/.state/steps", STARTED.replace("kubeadm-init-started", "join-started")],
    ["test -f /etc/kubernetes/kubelet.conf", ""],
  ] as const;
  const lost = clusterScene({
    masters: "10.0.0.1",
    nodes: "10.0.0.2",
    rules: [...rules, ["get node", { exitCode: 1 }]],
  });
  const member = clusterScene({ masters: "10.0.0.1", nodes: "10.0.0.2", rules });
  expect((await lost.perform(joinWorkers)).filter((call) => /kubeadm (reset|join)/.test(call))).toHaveLength(2);
  expect((await member.perform(joinWorkers)).filter((call) => /kubeadm (reset|join)/.test(call))).toEqual([]);
});

test("joinControlPlanes uploads the certificates once and points the new one to its own API server", async () => {
  const scene = clusterScene({ masters: "10.0.0.1,10.0.0.2,10.0.0.3" });
  const calls = await scene.perform(joinControlPlanes);
  expect(calls.filter((call) => call.includes("upload-certs"))).toHaveLength(1);
  const names = calls.filter((call) => call.startsWith("10.0.0.2 run") && call.includes("apiserver.cluster.local"));
  expect(names.at(-1)).toContain("10.0.0.2 apiserver.cluster.local # sealos:default");
});
