import { InputError, KnownError } from "../../base/error.ts";
import { isRepository, renderReference, type Reference } from "../../oci/reference.ts";
import {
  findRule,
  matchedLength,
  type MirrorUse,
  type RegistriesConfig,
  type RegistryRule,
} from "./registries-config.ts";

/** One place where the images of a repository are. */
export interface RepositoryPlace {
  readonly registry: string;
  readonly repository: string;
  /** Plain HTTP and certificates that nobody knows are accepted there. */
  readonly insecure: boolean;
}

export interface MirrorPlace extends RepositoryPlace {
  readonly pulls: MirrorUse;
}

/** Where images are read from: the mirrors first, in this order. */
export interface RepositoryPlaces {
  readonly mirrors: readonly MirrorPlace[];
  readonly origin: RepositoryPlace;
}

/** @throws {KnownError} REGISTRY_BLOCKED, {InputError} when a location does not make a name. */
export function readPlaces(config: RegistriesConfig, reference: Reference): RepositoryPlaces {
  const rule = findAllowed(config, reference);
  if (!rule) return { mirrors: [], origin: placeOf(reference, false) };
  return {
    mirrors: rule.mirrors.map(({ pulls, ...mirror }) => ({ ...relocate(reference, rule, mirror), pulls })),
    origin: rule.location === "" ? placeOf(reference, rule.insecure) : relocate(reference, rule, rule),
  };
}

/** Where images are written to: as named, never a mirror. @throws {KnownError} REGISTRY_BLOCKED */
export function writePlace(config: RegistriesConfig, reference: Reference): RepositoryPlace {
  return placeOf(reference, findAllowed(config, reference)?.insecure ?? false);
}

function placeOf({ registry, repository }: Reference, insecure: boolean): RepositoryPlace {
  return { registry, repository, insecure };
}

function findAllowed(config: RegistriesConfig, reference: Reference): RegistryRule | undefined {
  const rule = findRule(config, renderReference(reference));
  if (!rule?.blocked) return rule;
  throw new KnownError("REGISTRY_BLOCKED", `Cannot use "${renderReference(reference)}": "${rule.prefix}" is blocked`, {
    hint: `${rule.file} says so`,
  });
}

/** The repository with its prefix exchanged. */
function relocate(
  reference: Reference,
  { prefix, file }: RegistryRule,
  { location, insecure }: { readonly location: string; readonly insecure: boolean },
): RepositoryPlace {
  const { registry, repository } = reference;
  const name = `${registry}/${repository}`;
  // A prefix with a tag stands for the whole name.
  const place = `${location}${name.slice(matchedLength(prefix, renderReference(reference)))}`;
  const slash = place.indexOf("/");
  const path = place.slice(slash + 1);
  if (slash > 0 && isRepository(path)) return { registry: place.slice(0, slash), repository: path, insecure };
  throw new InputError(`Cannot ask "${place}" for "${name}": that is no name of a repository`, {
    hint: `Correct the location "${location}" in ${file}`,
  });
}
