import { inspect } from "node:util";
import { expect, test } from "vitest";

import { toDisplay } from "../../../src/hosts/command.ts";
import { Secret } from "../../../src/base/secret.ts";
import { kubeadmRuntime } from "../../../src/runtimes/kubeadm/kubeadm.ts";
import type { ClusterOptions } from "../../../src/runtimes/runtime.ts";

const OPTIONS: ClusterOptions = {
  kubernetesVersion: "v1.36.3",
  endpointDomain: "apiserver.cluster.local",
  controlPlaneAddresses: ["10.0.0.1"],
  isSingleHost: false,
  conditions: { hasCgroupV1: false, hasReadOnlySysctls: false, hasFullDisk: false },
  overrides: [],
};

test("join() gives the token to a file only root reads and to nothing else", () => {
  const plan = kubeadmRuntime("/data/etc").join(OPTIONS, {
    address: "10.0.0.2",
    criSocket: "/run/containerd/containerd.sock",
    apiServerAddress: "10.0.0.1",
    caCertificate: "PEM",
    token: new Secret("abcdef.0123456789abcdef"),
  });
  expect(toDisplay(plan.command)).toBe(
    "flock --wait 600 /data/etc/kubeadm.lock kubeadm join --config /data/etc/kubeadm-join-node.yaml",
  );
  expect(plan.files).toMatchObject([
    { path: "/data/etc/kubeadm-join-node.yaml", mode: 0o600 },
    { path: "/data/etc/kubeadm-discovery.yaml", mode: 0o644 },
  ]);
  expect(`${JSON.stringify(plan)} ${inspect(plan, { depth: 9 })}`).not.toContain("abcdef");
});
