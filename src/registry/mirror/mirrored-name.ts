import type { Upstream } from "./upstream.ts";

/** A registry that is mirrored, and where its content is kept. */
export interface MirroredRegistry {
  readonly upstream: Upstream;
  /** What clients call it in `ns=`, or as the first part of a name; absent: it is what all other names mean. */
  readonly namespace: string | undefined;
}

/** What a client's name means: the repository of an upstream, and the one that keeps its content here. */
export interface MirroredName {
  readonly upstream: Upstream;
  readonly remote: string;
  readonly local: string;
}

/**
 * Finds out which upstream is meant. Content of the default upstream is kept under its own name, so that the folder
 * can be served as it is; that of others below their namespace.
 * https://github.com/containerd/containerd/blob/v2.1.0/docs/hosts.md#registry-host-namespace
 * @param namespace what containerd adds to the query as `ns`: the registry that the image's name names.
 * @returns undefined when that registry is not mirrored.
 */
export function findMirrored(
  registries: readonly MirroredRegistry[],
  { repository, namespace }: { readonly repository: string; readonly namespace: string | null },
): MirroredName | undefined {
  const [first = "", ...rest] = repository.split("/");
  const named = registries.find((registry) => registry.namespace === (namespace ?? first));
  const fallback = registries.find((registry) => registry.namespace === undefined);
  if (namespace === null && named && rest.length > 0) return place(named, rest.join("/"));
  if (namespace !== null && named) return place(named, repository);
  if (!fallback || (namespace !== null && namespace !== fallback.upstream.name)) return undefined;
  return place(fallback, repository);
}

function place({ upstream, namespace }: MirroredRegistry, repository: string): MirroredName {
  return {
    upstream,
    remote: repository,
    local: namespace === undefined ? repository : `${folderOf(namespace)}/${repository}`,
  };
}

/** A host as the part of a repository's name, which has no capitals, colons and brackets. */
function folderOf(namespace: string): string {
  return namespace
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, "_")
    .replaceAll(/^_|_$/g, "");
}
