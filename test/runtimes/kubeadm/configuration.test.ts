import { expect, test } from "vitest";

import { Secret } from "../../../src/base/secret.ts";
import {
  discoveryDocument,
  initDocuments,
  joinDocuments,
  mergeDocuments,
} from "../../../src/runtimes/kubeadm/configuration.ts";
import type { ClusterOptions } from "../../../src/runtimes/runtime.ts";

const OPTIONS: ClusterOptions = {
  kubernetesVersion: "v1.36.3",
  endpointDomain: "apiserver.cluster.local",
  controlPlaneAddresses: ["10.0.0.1"],
  isSingleHost: false,
  conditions: { hasCgroupV1: false, hasReadOnlySysctls: false, hasFullDisk: false },
  overrides: [],
};

const NODE = { address: "10.0.0.1", criSocket: "/run/containerd/containerd.sock" };

test("mergeDocuments() lets the image override the defaults and the Clusterfile override the image", () => {
  const image = {
    kind: "ClusterConfiguration",
    networking: { podSubnet: "10.1.0.0/16", serviceSubnet: "10.2.0.0/16" },
  };
  const clusterfile = { kind: "ClusterConfiguration", networking: { serviceSubnet: "10.3.0.0/16" } };
  const merged = mergeDocuments({ ...OPTIONS, overrides: [image, clusterfile] });
  expect(merged.get("ClusterConfiguration")?.["networking"]).toEqual({
    podSubnet: "10.1.0.0/16",
    serviceSubnet: "10.3.0.0/16",
  });
});

test("mergeDocuments() writes v1beta4 whatever version an override was written for", () => {
  const override = {
    apiVersion: "kubeadm.k8s.io/v1beta3",
    kind: "InitConfiguration",
    skipPhases: ["addon/kube-proxy"],
  };
  const merged = mergeDocuments({ ...OPTIONS, overrides: [override] }).get("InitConfiguration");
  expect(merged).toMatchObject({ apiVersion: "kubeadm.k8s.io/v1beta4", skipPhases: ["addon/kube-proxy"] });
});

test("mergeDocuments() refuses a version whose kubeadm does not read v1beta4", () => {
  expect(() => mergeDocuments({ ...OPTIONS, kubernetesVersion: "v1.30.4" })).toThrow(
    "Cannot configure Kubernetes v1.30.4: kubeadm reads kubeadm.k8s.io/v1beta4 from v1.31 on",
  );
});

test("initDocuments() names the endpoint, the addresses and the user's own names once each", () => {
  const override = { kind: "ClusterConfiguration", apiServer: { certSANs: ["api.example.com", "10.0.0.1"] } };
  const [init, cluster] = initDocuments({ ...OPTIONS, overrides: [override] }, NODE);
  expect(init?.["localAPIEndpoint"]).toEqual({ advertiseAddress: "10.0.0.1", bindPort: 6443 });
  expect(cluster).toMatchObject({
    kubernetesVersion: "v1.36.3",
    controlPlaneEndpoint: "apiserver.cluster.local:6443",
    apiServer: { certSANs: ["127.0.0.1", "apiserver.cluster.local", "10.0.0.1", "api.example.com"] },
  });
});

test("initDocuments() follows the machines' conditions", () => {
  const conditions = { hasCgroupV1: true, hasReadOnlySysctls: true, hasFullDisk: true };
  const [init, , kubelet, proxy] = initDocuments({ ...OPTIONS, conditions, isSingleHost: true }, NODE);
  expect(init?.["nodeRegistration"]).toMatchObject({ ignorePreflightErrors: ["SystemVerification"], taints: [] });
  expect(kubelet).toMatchObject({ failCgroupV1: false, imageGCHighThresholdPercent: 100 });
  expect(proxy).toMatchObject({ mode: "nftables", conntrack: { maxPerCore: 0 } });
});

test("joinDocuments() makes a control plane exactly when there is a certificate key", () => {
  const join = { ...NODE, address: "10.0.0.2", apiServerAddress: "10.0.0.1", caCertificate: "PEM" };
  const token = new Secret("abcdef.0123456789abcdef");
  const [worker] = joinDocuments(OPTIONS, { ...join, token }, "/etc/discovery.yaml");
  const certificateKey = new Secret("ff00");
  const [controlPlane] = joinDocuments(OPTIONS, { ...join, token, certificateKey }, "/etc/discovery.yaml");
  expect(worker).toMatchObject({
    discovery: { file: { kubeConfigPath: "/etc/discovery.yaml" }, tlsBootstrapToken: "abcdef.0123456789abcdef" },
  });
  expect(worker).not.toHaveProperty("controlPlane");
  expect(controlPlane?.["controlPlane"]).toEqual({
    certificateKey: "ff00",
    localAPIEndpoint: { advertiseAddress: "10.0.0.2", bindPort: 6443 },
  });
});

test("discoveryDocument() says where the cluster is and what it is signed by, without credentials", () => {
  const token = new Secret("abcdef.0123456789abcdef");
  const document = discoveryDocument({ ...NODE, apiServerAddress: "10.0.0.1", caCertificate: "PEM", token });
  expect(document["clusters"]).toEqual([
    { name: "cluster", cluster: { server: "https://10.0.0.1:6443", "certificate-authority-data": "UEVN" } },
  ]);
  expect(JSON.stringify(document)).not.toContain("abcdef");
});
