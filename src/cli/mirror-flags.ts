import { UsageError } from "../base/error.ts";
import type { MirroredRegistry } from "../registry/mirror/mirrored-name.ts";
import { remoteUpstream } from "../registry/mirror/upstream.ts";
import type { RemoteRegistry } from "../registry/client/remote-registry.ts";
import type { FlagSpecs } from "./flag.ts";

/** How a registry gets what it does not have. */
export const MIRROR_FLAGS = {
  upstream: {
    type: "array",
    value: "[NAME=]REGISTRY",
    help: "Serve as a mirror: fetch from this registry what is not here, and keep it; NAME: images of that registry only",
  },
  "tag-ttl": {
    type: "integer",
    value: "SECONDS",
    default: 60,
    help: "How long a mirror serves a tag before it asks the upstream again",
  },
} as const satisfies FlagSpecs;

/**
 * Reads `docker.io`, `https://registry.example.com` or `quay.io=10.0.0.1:5000`. The first one without a name is the
 * default: where images come from whose registry is not said.
 * @throws {UsageError}
 */
export function parseUpstreams(
  texts: readonly string[],
  openRegistry: (name: string) => RemoteRegistry,
): readonly MirroredRegistry[] {
  const mirrored: MirroredRegistry[] = [];
  for (const text of texts) {
    const { name, registry } = parseUpstream(text);
    const upstream = remoteUpstream(openRegistry(registry));
    const hasDefault = mirrored.some(({ namespace }) => namespace === undefined);
    const namespace = name ?? (hasDefault ? registry : undefined);
    if (mirrored.some((other) => other.namespace === namespace)) {
      throw new UsageError(`Cannot use --upstream "${text}": there is one for ${namespace} already`);
    }
    mirrored.push({ upstream, namespace });
  }
  return mirrored;
}

function parseUpstream(text: string): { readonly name: string | undefined; readonly registry: string } {
  const [, name, address = ""] = /^(?:([^=/]+)=)?(.*)$/.exec(text) ?? [];
  const registry = address.replace(/^https?:\/\//, "").replace(/\/(?:v2\/?)?$/, "");
  const host = registry === "registry-1.docker.io" || registry === "index.docker.io" ? "docker.io" : registry;
  if ([host, name ?? host].every((part) => /^[\w.-]+(?::\d+)?$|^\[[\da-f:.]+\](?::\d+)?$/i.test(part))) {
    return { name, registry: host };
  }
  throw new UsageError(`Cannot use --upstream "${text}": expected [NAME=]REGISTRY, such as docker.io`);
}
