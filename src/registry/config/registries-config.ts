/**
 * What registries.conf says.
 * https://github.com/containers/image/blob/v5.36.0/docs/containers-registries.conf.5.md
 */
export interface RegistriesConfig {
  /** Where names without a registry are looked for, in this order; absent: Docker Hub. */
  readonly searchRegistries?: readonly string[] | undefined;
  /** What holds for the images below a prefix. */
  readonly rules: readonly RegistryRule[];
  /** The full name, without tag, that a short one stands for; an empty one takes an earlier alias back. */
  readonly aliases: ReadonlyMap<string, string>;
}

export interface RegistryRule {
  /** `host`, `host/namespace`, `host/repository:tag`, or `*.domain` for the hosts below a domain. */
  readonly prefix: string;
  /** What is asked in the place of the prefix; empty: the prefix itself. */
  readonly location: string;
  readonly insecure: boolean;
  readonly blocked: boolean;
  /** Asked before the location, in this order. */
  readonly mirrors: readonly RegistryMirror[];
  /** Where the rule stands. */
  readonly file: string;
}

export interface RegistryMirror {
  readonly location: string;
  readonly insecure: boolean;
  readonly pulls: MirrorUse;
}

/** Which names a mirror is asked for. */
export type MirrorUse = "all" | "digest-only" | "tag-only";

export const NO_REGISTRIES_CONFIG: RegistriesConfig = { rules: [], aliases: new Map() };

/** What a later file says replaces what an earlier one says about the same prefix, alias or list. */
export function mergeConfigs(first: RegistriesConfig, second: RegistriesConfig): RegistriesConfig {
  const replaced = new Set(second.rules.map(({ prefix }) => prefix));
  return {
    searchRegistries: second.searchRegistries ?? first.searchRegistries,
    rules: [...first.rules.filter(({ prefix }) => !replaced.has(prefix)), ...second.rules],
    aliases: new Map([...first.aliases, ...second.aliases]),
  };
}

/** The rule with the longest prefix of a full name. */
export function findRule({ rules }: RegistriesConfig, name: string): RegistryRule | undefined {
  const matching = rules.filter(({ prefix }) => matchedLength(prefix, name) > 0);
  return matching.sort((a, b) => b.prefix.length - a.prefix.length)[0];
}

/** How much of a name a prefix stands for; 0: it does not match. */
export function matchedLength(prefix: string, name: string): number {
  if (!prefix.startsWith("*.")) return name.startsWith(prefix) && endsPart(name, prefix.length) ? prefix.length : 0;
  const host = name.split("/", 1)[0] ?? "";
  const domain = prefix.slice(1);
  return host.replace(/:\d+$/, "").endsWith(domain) || host.endsWith(domain) ? host.length : 0;
}

function endsPart(name: string, length: number): boolean {
  return length === name.length || "/:@".includes(name.charAt(length));
}
