import { KnownError } from "../base/error.ts";
import { isDigest, type Digest } from "./digest.ts";

/** A full image name: `registry/repository:tag` or `registry/repository@digest`, or both. */
export interface Reference {
  /** Host and optional port, for instance `docker.io` or `127.0.0.1:5000`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const DEFAULT_REGISTRY = "docker.io";
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;

/** True for the part of a name between the registry and the tag; such a text is safe as a path. */
export function isRepository(text: string): boolean {
  return text.length <= 255 && REPOSITORY.test(text);
}

export function isTag(text: string): boolean {
  return TAG.test(text);
}

/**
 * Reads a name as docker does: no registry means docker.io, one word there means `library/`, neither tag nor digest
 * means `latest`.
 * https://github.com/distribution/reference/blob/v0.6.0/reference.go
 * @throws {KnownError} INVALID_REFERENCE
 */
export function parseReference(text: string): Reference {
  const [name, digest] = splitDigest(text);
  const colon = name.lastIndexOf(":");
  const hasTag = colon > name.lastIndexOf("/");
  const tag = hasTag ? name.slice(colon + 1) : undefined;
  const { registry, repository } = splitRegistry(hasTag ? name.slice(0, colon) : name);
  if (!isRepository(repository)) throw invalid(text, "the repository is malformed");
  if (tag !== undefined && !isTag(tag)) throw invalid(text, `the tag "${tag}" is malformed`);
  if (digest !== undefined) return { registry, repository, ...(tag === undefined ? {} : { tag }), digest };
  return { registry, repository, tag: tag ?? "latest" };
}

/** {@link parseReference}; undefined for what is no name. */
export function findReference(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (error instanceof KnownError) return undefined;
    throw error;
  }
}

/** Canonical form, with everything spelled out. */
export function renderReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** What a registry is asked for: the digest if there is one, else the tag. */
export function selectorOf(reference: Reference): string {
  return reference.digest ?? reference.tag ?? "latest";
}

/** True when the name says which registry it means: `docker.io/x`, `localhost/x`, `host:5000/x`. */
export function namesRegistry(text: string): boolean {
  const first = text.split("/", 1)[0] ?? "";
  return text.includes("/") && (first.includes(".") || first.includes(":") || first === "localhost");
}

function splitDigest(text: string): [string, Digest | undefined] {
  const at = text.indexOf("@");
  if (at < 0) return [text, undefined];
  const digest = text.slice(at + 1);
  if (!isDigest(digest)) throw invalid(text, `"${digest}" is not a digest`);
  return [text.slice(0, at), digest];
}

function splitRegistry(name: string): { registry: string; repository: string } {
  if (!namesRegistry(name)) {
    return { registry: DEFAULT_REGISTRY, repository: name.includes("/") ? name : `library/${name}` };
  }
  const slash = name.indexOf("/");
  const host = name.slice(0, slash);
  const path = name.slice(slash + 1);
  const isDockerHub = host === "index.docker.io" || host === DEFAULT_REGISTRY;
  if (!isDockerHub) return { registry: host, repository: path };
  return { registry: DEFAULT_REGISTRY, repository: path.includes("/") ? path : `library/${path}` };
}

function invalid(text: string, reason: string): KnownError {
  return new KnownError("INVALID_REFERENCE", `Cannot parse image name "${text}": ${reason}`, {
    hint: "Write [registry/]repository[:tag], repository in lower case",
  });
}
