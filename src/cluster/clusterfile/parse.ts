import { InputError, KnownError } from "../../base/error.ts";
import { parseHostList } from "../../hosts/host-list.ts";
import { Secret } from "../../base/secret.ts";
import { isPlainObject } from "../../kubernetes/merge.ts";
import { toEnvironment } from "../../oci/image-config.ts";
import { parseYaml, type YamlDocument } from "../../kubernetes/yaml.ts";
import { isKubeadmKind } from "../../runtimes/kubeadm/configuration.ts";
import type { ConfigurationDocument } from "../../runtimes/runtime.ts";
import {
  isControlPlane,
  type Clusterfile,
  type ClusterPhase,
  type ConfigObject,
  type HostSpec,
  type SshSettings,
} from "../cluster.ts";
import {
  CLUSTER_SCHEMA,
  CONFIG_SCHEMA,
  HOSTS_SCHEMA,
  validate,
  type ClusterDocument,
  type SshDocument,
  type Violation,
} from "./schema.ts";

/** A Clusterfile that cannot be read: every violation with file, line and column. */
export class ClusterfileError extends KnownError {
  readonly violations: readonly string[];

  constructor(file: string, violations: readonly string[]) {
    super("CLUSTERFILE_INVALID", `Cannot read Clusterfile "${file}":\n${violations.join("\n")}`, {
      hint: "Correct the lines above; `sealos gen` prints a complete example",
    });
    this.violations = violations;
  }
}

/** @throws {ClusterfileError} naming all violations at once. Secrets are never part of its text. */
export function parseClusterfile(text: string, file: string): Clusterfile {
  const documents = parseYaml(text, file);
  const reader = new DocumentReader(file);
  for (const document of documents) reader.read(document);
  return reader.finish();
}

/** What `--config-file` names: Config objects and kubeadm documents without a cluster. @throws {ClusterfileError} */
export function parseRefinements(text: string, file: string): Pick<Clusterfile, "configs" | "runtimeDocuments"> {
  const reader = new DocumentReader(file);
  for (const document of parseYaml(text, file)) reader.read(document);
  return reader.finishRefinements();
}

/** The Config objects of a file that an image ships; other documents in it are ignored. @throws {ClusterfileError} */
export function parseConfigObjects(text: string, file: string): readonly ConfigObject[] {
  const reader = new DocumentReader(file);
  for (const document of parseYaml(text, file)) {
    if (isPlainObject(document.value) && document.value["kind"] === "Config") reader.read(document);
  }
  return reader.finishRefinements().configs;
}

class DocumentReader {
  readonly #file: string;
  readonly #violations: string[] = [];
  readonly #configs: ConfigObject[] = [];
  readonly #runtimeDocuments: ConfigurationDocument[] = [];
  #cluster: ClusterDocument | undefined;
  #hosts: HostSpec[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  read(document: YamlDocument): void {
    const { value } = document;
    const kind = isPlainObject(value) ? value["kind"] : undefined;
    if (kind === "Cluster") this.#readCluster(document);
    else if (kind === "Config") this.#readConfig(document);
    else if (isPlainObject(value) && isKubeadmKind(kind)) this.#runtimeDocuments.push(value);
    else this.#reject(document, [{ path: ["kind"], message: `unknown kind ${JSON.stringify(kind) ?? "(none)"}` }]);
  }

  finish(): Clusterfile {
    if (!this.#cluster && this.#violations.length === 0) {
      this.#violations.push(`${this.#file}:1:1: no document of kind Cluster`);
    }
    if (this.#violations.length > 0 || !this.#cluster) throw new ClusterfileError(this.#file, this.#violations);
    const { metadata, spec, status } = this.#cluster;
    return {
      cluster: {
        name: metadata.name,
        images: spec.image,
        ssh: toSshSettings(spec.ssh),
        hosts: this.#hosts,
        env: toEnvironment(spec.env),
        command: spec.command,
      },
      configs: this.#configs,
      runtimeDocuments: this.#runtimeDocuments,
      imageEnv: Object.fromEntries(status.mounts.map(({ imageName, env }) => [imageName, env])),
      phase: toPhase(status.phase),
      createdAt: metadata.creationTimestamp ?? undefined,
    };
  }

  finishRefinements(): Pick<Clusterfile, "configs" | "runtimeDocuments"> {
    if (this.#cluster) this.#violations.push(`${this.#file}:1:1: a document of kind Cluster does not belong here`);
    if (this.#violations.length > 0) throw new ClusterfileError(this.#file, this.#violations);
    return { configs: this.#configs, runtimeDocuments: this.#runtimeDocuments };
  }

  #readCluster(document: YamlDocument): void {
    if (this.#cluster) return this.#reject(document, [{ path: [], message: "second document of kind Cluster" }]);
    const result = validate(CLUSTER_SCHEMA, document.value);
    if ("violations" in result) {
      this.#reject(document, result.violations);
      return this.#checkAddresses(document);
    }
    this.#cluster = result.document;
    for (const [index, group] of result.document.spec.hosts.entries()) this.#readHosts(document, index, group);
  }

  /** The addresses of a document that is refused anyway: all violations are named at once. */
  #checkAddresses(document: YamlDocument): void {
    const result = validate(HOSTS_SCHEMA, document.value);
    if ("violations" in result) return;
    for (const [index, { ips }] of result.document.spec.hosts.entries()) {
      this.#readHosts(document, index, { ips, roles: [], env: [], ssh: {} });
    }
  }

  #readHosts(document: YamlDocument, index: number, group: ClusterDocument["spec"]["hosts"][number]): void {
    const common = { roles: group.roles, env: toEnvironment(group.env), ssh: toSshSettings(group.ssh) };
    for (const [position, text] of group.ips.entries()) {
      const path = ["spec", "hosts", index, "ips", position];
      try {
        for (const { address, port } of parseHostList(text)) {
          if (this.#hosts.some((host) => host.address === address)) {
            this.#reject(document, [{ path, message: `duplicate host ${address}` }]);
          } else this.#hosts.push({ ...common, address, port });
        }
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        this.#reject(document, [{ path, message: error.message }]);
      }
    }
  }

  #readConfig(document: YamlDocument): void {
    const result = validate(CONFIG_SCHEMA, document.value);
    if ("violations" in result) return this.#reject(document, result.violations);
    const { metadata, spec } = result.document;
    const config = { name: metadata.name, path: spec.path, match: spec.match, data: spec.data };
    const replaced = this.#configs.findIndex(({ name }) => name === config.name);
    if (replaced >= 0) this.#configs.splice(replaced, 1);
    this.#configs.push({ ...config, strategy: spec.strategy === "" ? "override" : spec.strategy });
  }

  #reject(document: YamlDocument, violations: readonly Violation[]): void {
    for (const { path, message } of violations) {
      const { line, column } = document.positionOf(path);
      this.#violations.push(`${this.#file}:${line}:${column}: ${[path.join("."), message].filter(Boolean).join(": ")}`);
    }
  }
}

function toSshSettings({ user, passwd, pk, pkData, pkPasswd, port }: SshDocument): SshSettings {
  return {
    user: user || undefined,
    password: passwd ? new Secret(passwd) : undefined,
    privateKeyFile: pk || undefined,
    privateKey: pkData ? new Secret(pkData) : undefined,
    passphrase: pkPasswd ? new Secret(pkPasswd) : undefined,
    port,
  };
}

function toPhase(text: string | undefined): ClusterPhase | undefined {
  return (["ClusterInProcess", "ClusterSuccess", "ClusterFailed"] as const).find((phase) => phase === text);
}

/** The first control plane: it initialises the cluster and runs the applications. @throws {InputError} */
export function firstControlPlane<T extends Pick<HostSpec, "roles">>(hosts: readonly T[]): T {
  const first = hosts.find(isControlPlane);
  if (!first) throw new InputError("The cluster has no host with the role master", { hint: "Give one with --masters" });
  return first;
}
