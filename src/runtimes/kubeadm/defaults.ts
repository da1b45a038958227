import { parseKubernetesVersion } from "../../kubernetes/version.ts";
import type { ClusterOptions, ConfigurationDocument, MachineConditions } from "../runtime.ts";

export const KUBEADM_API = "kubeadm.k8s.io/v1beta4";

const CENTURY = "876000h";

/** The built-in configuration, weakest of all: image and Clusterfile override it field by field. */
export function defaultDocuments(options: ClusterOptions): ConfigurationDocument[] {
  return [
    { apiVersion: KUBEADM_API, kind: "InitConfiguration", ...nodeDefaults(options) },
    { apiVersion: KUBEADM_API, kind: "JoinConfiguration", ...nodeDefaults(options) },
    clusterDefaults(options),
    kubeletDefaults(options.conditions),
    kubeProxyDefaults(options),
  ];
}

function nodeDefaults({ conditions, isSingleHost }: ClusterOptions): ConfigurationDocument {
  return {
    nodeRegistration: {
      imagePullPolicy: "IfNotPresent",
      imagePullSerial: false,
      ignorePreflightErrors: conditions.hasCgroupV1 ? ["SystemVerification"] : [],
      ...(isSingleHost ? { taints: [] } : {}),
    },
  };
}

function clusterDefaults(options: ClusterOptions): ConfigurationDocument {
  return {
    apiVersion: KUBEADM_API,
    kind: "ClusterConfiguration",
    caCertificateValidityPeriod: CENTURY,
    certificateValidityPeriod: CENTURY,
    networking: { podSubnet: "100.64.0.0/10", serviceSubnet: "10.96.0.0/22" },
    apiServer: options.auditPolicyFile === undefined ? {} : auditedApiServer(options.auditPolicyFile),
    controllerManager: { extraArgs: [{ name: "cluster-signing-duration", value: CENTURY }] },
  };
}

function auditedApiServer(policyFile: string): ConfigurationDocument {
  return {
    extraArgs: [
      { name: "audit-policy-file", value: policyFile },
      { name: "audit-log-path", value: "/var/log/kubernetes/audit.log" },
      { name: "audit-log-format", value: "json" },
      { name: "audit-log-maxage", value: "7" },
      { name: "audit-log-maxbackup", value: "10" },
      { name: "audit-log-maxsize", value: "100" },
    ],
    extraVolumes: [
      { name: "audit-policy", hostPath: policyFile, mountPath: policyFile, readOnly: true, pathType: "File" },
      {
        name: "audit-log",
        hostPath: "/var/log/kubernetes",
        mountPath: "/var/log/kubernetes",
        pathType: "DirectoryOrCreate",
      },
    ],
  };
}

function kubeletDefaults({ hasCgroupV1, hasFullDisk }: MachineConditions): ConfigurationDocument {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    cgroupDriver: "systemd",
    failSwapOn: false,
    maxPods: 110,
    rotateCertificates: true,
    serializeImagePulls: false,
    ...(hasCgroupV1 ? { failCgroupV1: false } : {}),
    ...(hasFullDisk ? ABSOLUTE_DISK_THRESHOLDS : {}),
  };
}

/** For disks that are large but nearly full: relative thresholds would taint the node although gigabytes are free. */
const ABSOLUTE_DISK_THRESHOLDS = {
  evictionHard: { "nodefs.available": "1Gi", "imagefs.available": "1Gi", "memory.available": "100Mi" },
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 99,
};

function kubeProxyDefaults({ kubernetesVersion, conditions }: ClusterOptions): ConfigurationDocument {
  const { minor } = parseKubernetesVersion(kubernetesVersion);
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: minor >= 33 ? "nftables" : "iptables", // generally available since 1.33; needs no kernel module of its own
    ...(conditions.hasReadOnlySysctls ? { conntrack: { maxPerCore: 0 } } : {}),
  };
}
