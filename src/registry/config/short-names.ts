import { namesRegistry, parseReference, type Reference } from "../../oci/reference.ts";
import type { RegistriesConfig } from "./registries-config.ts";

/**
 * What a name may mean, the likeliest first: one reference for a name with a registry or an alias, else one for each
 * registry that is searched; without any, Docker Hub. @throws {KnownError} INVALID_REFERENCE
 */
export function meaningsOf(
  { aliases, searchRegistries = [] }: RegistriesConfig,
  name: string,
): readonly [Reference, ...Reference[]] {
  if (namesRegistry(name)) return [parseReference(name)];
  const [, short = name, selector = ""] = /^([^:@]*)(.*)$/s.exec(name) ?? [];
  const alias = aliases.get(short);
  if (alias) return [parseReference(`${alias}${selector}`)];
  const [first = "docker.io", ...others] = searchRegistries;
  return [parseReference(`${first}/${name}`), ...others.map((registry) => parseReference(`${registry}/${name}`))];
}
