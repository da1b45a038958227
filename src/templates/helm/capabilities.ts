import { fixed } from "../function.ts";
import { GoObject, TypedList, TypedMap } from "../value/value.ts";
import type { GoCallable, Value } from "../value/value.ts";
import { parseVersion } from "../version/version.ts";
import { KNOWN_API_VERSIONS } from "./api-versions.ts";

export interface CapabilityOptions {
  /** Of the cluster: `v1.36.3`; what follows the third number does not count, as in Helm. */
  readonly kubeVersion?: string | undefined;
  /** What the cluster serves besides the built-in versions. */
  readonly apiVersions?: readonly string[] | undefined;
}

const DEFAULT_KUBE_VERSION = "v1.36.0";
const HELM_VERSION = "v3.21.4";

/** `.Capabilities`. */
export class Capabilities extends GoObject {
  readonly type = "*chartutil.Capabilities";
  readonly kind = "ptr";
  readonly kubeVersion: KubeVersion;
  readonly #fields: ReadonlyMap<string, Value>;

  constructor({ kubeVersion = DEFAULT_KUBE_VERSION, apiVersions = [] }: CapabilityOptions) {
    super();
    this.kubeVersion = new KubeVersion(kubeVersion);
    this.#fields = new Map<string, Value>([
      ["KubeVersion", this.kubeVersion],
      ["APIVersions", new VersionSet([...KNOWN_API_VERSIONS, ...apiVersions])],
      ["HelmVersion", new HelmVersion()],
    ]);
  }

  override field(name: string): Value {
    return this.#fields.get(name);
  }

  print(): string {
    return `&{${this.kubeVersion.print()}}`;
  }
}

class KubeVersion extends GoObject {
  readonly type = "chartutil.KubeVersion";
  readonly kind = "struct";
  readonly version: string;
  readonly #fields: ReadonlyMap<string, string>;

  constructor(text: string) {
    super();
    const { major, minor, patch } = parseVersion(text);
    this.version = `v${major}.${minor}.${patch}`;
    this.#fields = new Map([
      ["Version", this.version],
      ["Major", String(major)],
      ["Minor", String(minor)],
    ]);
  }

  override field(name: string): Value {
    return this.#fields.get(name);
  }

  override method(name: string): GoCallable | undefined {
    return name === "String" || name === "GitVersion" ? fixed([], () => this.version) : undefined;
  }

  print(): string {
    return this.version;
  }

  override toPlain(): Value {
    return new Map(this.#fields);
  }
}

class HelmVersion extends GoObject {
  readonly type = "version.BuildInfo";
  readonly kind = "struct";

  override field(name: string): Value {
    const fields = new TypedMap("string", [
      ["Version", HELM_VERSION],
      ["GitCommit", ""],
      ["GitTreeState", ""],
      ["GoVersion", "go1.26"],
    ]);
    return fields.get(name);
  }

  print(): string {
    return `{${HELM_VERSION}   go1.26}`;
  }
}

class VersionSet extends TypedList {
  constructor(versions: readonly string[]) {
    super("string", versions);
  }

  override method(name: string): GoCallable | undefined {
    return name === "Has" ? fixed(["string"], (version) => this.items.includes(version)) : undefined;
  }
}
