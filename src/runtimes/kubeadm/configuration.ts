import { InputError } from "../../base/error.ts";
import { isPlainObject, mergeConfiguration } from "../../kubernetes/merge.ts";
import { parseKubernetesVersion } from "../../kubernetes/version.ts";
import type { ClusterOptions, ConfigurationDocument, JoinOptions, NodeOptions } from "../runtime.ts";
import { defaultDocuments, KUBEADM_API } from "./defaults.ts";

const API_SERVER_PORT = 6443;

/** The oldest minor version whose kubeadm reads v1beta4. */
const FIRST_MINOR = 31;

const KINDS = [
  "InitConfiguration",
  "JoinConfiguration",
  "ClusterConfiguration",
  "KubeletConfiguration",
  "KubeProxyConfiguration",
] as const;

type Kind = (typeof KINDS)[number];

export function isKubeadmKind(kind: unknown): kind is Kind {
  return KINDS.some((known) => known === kind);
}

/** Defaults < overrides in their order, one document a kind. What only one node needs is not in yet. */
export function mergeDocuments(options: ClusterOptions): ReadonlyMap<Kind, ConfigurationDocument> {
  if (parseKubernetesVersion(options.kubernetesVersion).minor < FIRST_MINOR) {
    throw new InputError(
      `Cannot configure Kubernetes ${options.kubernetesVersion}: kubeadm reads ${KUBEADM_API} from v1.${FIRST_MINOR} on`,
      { hint: `Use a rootfs image of v1.${FIRST_MINOR}.0 or newer` },
    );
  }
  const merged = new Map<Kind, ConfigurationDocument>();
  for (const document of [...defaultDocuments(options), ...options.overrides]) {
    const kind = document["kind"];
    if (!isKubeadmKind(kind)) continue;
    const { apiVersion, ...fields } = document;
    merged.set(kind, override(merged.get(kind) ?? { apiVersion }, fields));
  }
  return merged;
}

/** Everything `kubeadm init` reads. */
export function initDocuments(options: ClusterOptions, node: NodeOptions): ConfigurationDocument[] {
  const merged = mergeDocuments(options);
  return [
    override(merged.get("InitConfiguration"), {
      localAPIEndpoint: { advertiseAddress: node.address, bindPort: API_SERVER_PORT },
      nodeRegistration: nodeRegistration(node),
    }),
    clusterConfiguration(merged.get("ClusterConfiguration"), options),
    override(merged.get("KubeletConfiguration"), { containerRuntimeEndpoint: `unix://${node.criSocket}` }),
    override(merged.get("KubeProxyConfiguration"), {}),
  ];
}

/**
 * Everything `kubeadm join` reads, but for the discovery file. A file rather than a token tells where the cluster is:
 * the authority comes over SSH, and nobody has to wait until the controller manager has signed anything.
 */
export function joinDocuments(
  options: ClusterOptions,
  node: JoinOptions,
  discoveryFile: string,
): ConfigurationDocument[] {
  const { certificateKey } = node;
  const controlPlane = certificateKey && {
    controlPlane: {
      localAPIEndpoint: { advertiseAddress: node.address, bindPort: API_SERVER_PORT },
      certificateKey: certificateKey.reveal(),
    },
  };
  return [
    override(mergeDocuments(options).get("JoinConfiguration"), {
      discovery: { file: { kubeConfigPath: discoveryFile }, tlsBootstrapToken: node.token.reveal() },
      nodeRegistration: nodeRegistration(node),
      ...controlPlane,
    }),
  ];
}

/** The kubeconfig without credentials that says where the cluster is and what its certificates are signed by. */
export function discoveryDocument({ apiServerAddress, caCertificate }: JoinOptions): ConfigurationDocument {
  const authority = Buffer.from(caCertificate).toString("base64");
  const cluster = { server: `https://${apiServerAddress}:${API_SERVER_PORT}`, "certificate-authority-data": authority };
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "cluster", cluster }],
    contexts: [{ name: "discovery", context: { cluster: "cluster", user: "nobody" } }],
    users: [{ name: "nobody", user: {} }],
    "current-context": "discovery",
  };
}

function clusterConfiguration(base: ConfigurationDocument | undefined, options: ClusterOptions): ConfigurationDocument {
  const apiServer = isPlainObject(base?.["apiServer"]) ? base["apiServer"] : {};
  const given: unknown[] = Array.isArray(apiServer["certSANs"]) ? apiServer["certSANs"] : [];
  const names = ["127.0.0.1", options.endpointDomain, ...options.controlPlaneAddresses, ...given];
  return override(base, {
    kubernetesVersion: options.kubernetesVersion,
    controlPlaneEndpoint: `${options.endpointDomain}:${API_SERVER_PORT}`,
    apiServer: { certSANs: [...new Set(names)] },
  });
}

function nodeRegistration({ address, criSocket }: NodeOptions): ConfigurationDocument {
  return { criSocket: `unix://${criSocket}`, kubeletExtraArgs: [{ name: "node-ip", value: address }] };
}

function override(base: ConfigurationDocument | undefined, fields: ConfigurationDocument): ConfigurationDocument {
  const result = mergeConfiguration(base ?? {}, fields);
  return isPlainObject(result) ? result : fields;
}
