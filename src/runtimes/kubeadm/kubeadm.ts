import { posix } from "node:path";

import { command, shell, type Command } from "../../hosts/command.ts";
import { Secret } from "../../base/secret.ts";
import { renderYamlDocuments } from "../../kubernetes/yaml.ts";
import type { ConfigurationDocument, NodePlan, Runtime } from "../runtime.ts";
import { discoveryDocument, initDocuments, joinDocuments } from "./configuration.ts";

/**
 * kubeadm with a configuration file for everything: no token or key is ever an argument.
 * @param directory on the hosts for the configuration files, absolute.
 */
export function kubeadmRuntime(directory: string): Runtime {
  const plan = (file: string, documents: readonly ConfigurationDocument[], args: readonly string[]): NodePlan => {
    const path = posix.join(directory, file);
    return {
      files: [{ path, content: new Secret(renderYamlDocuments(documents)), mode: 0o600 }],
      command: exclusive(directory, ["kubeadm", ...args, "--config", path]),
    };
  };
  return {
    init: (cluster, node) =>
      plan("kubeadm-init.yaml", initDocuments(cluster, node), [
        "init",
        "--skip-token-print",
        "--skip-certificate-key-print",
      ]),
    join(cluster, node) {
      const discovery = posix.join(directory, "kubeadm-discovery.yaml");
      const name = node.certificateKey ? "kubeadm-join-master.yaml" : "kubeadm-join-node.yaml";
      const { files, command: joinCommand } = plan(name, joinDocuments(cluster, node, discovery), ["join"]);
      const content = renderYamlDocuments([discoveryDocument(node)]);
      return { files: [...files, { path: discovery, content, mode: 0o644 }], command: joinCommand };
    },
    uploadCertificates(cluster, node, certificateKey) {
      const documents = initDocuments(cluster, node).map((document) =>
        document["kind"] === "InitConfiguration" ? { ...document, certificateKey: certificateKey.reveal() } : document,
      );
      const args = ["init", "phase", "upload-certs", "--upload-certs", "--skip-certificate-key-print"];
      return plan("kubeadm-upload.yaml", documents, args);
    },
    createTokenCommand: (): Command => command(["kubeadm", "token", "create", "--ttl", "2h"]),
    resetCommand: ({ criSocket }): Command =>
      shell('if command -v kubeadm >/dev/null; then kubeadm reset --force --cri-socket "$1"; fi', [
        `unix://${criSocket}`,
      ]),
  };
}

/** A kubeadm that an earlier, killed run left behind is waited for: two at once would ruin the node. */
function exclusive(directory: string, argv: readonly string[]): Command {
  return command(["flock", "--wait", "600", posix.join(directory, "kubeadm.lock"), ...argv]);
}
