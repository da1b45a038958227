import { mapLimit } from "../../base/concurrency.ts";
import type { Context } from "../../base/context.ts";
import type { Digest } from "../../oci/digest.ts";
import { childrenOf, parseManifest } from "../../oci/manifest.ts";
import type { RegistryFolder, RepositoryFolder } from "./filesystem.ts";
import { layerLinkPath, revisionLinkPath } from "./layout.ts";
import { readLink } from "./links.ts";

/** What the images of one repository need. */
export interface RepositoryReferences {
  /** Manifests and indexes. */
  readonly documents: ReadonlySet<Digest>;
  /** Documents, configurations and layers. */
  readonly content: ReadonlySet<Digest>;
  /** The documents that tags lead to, directly, through an index, or by their subject. */
  readonly reachable: ReadonlySet<Digest>;
  /** What tags mean, also where it is not there. */
  readonly tagged: ReadonlySet<Digest>;
}

export interface References {
  readonly byRepository: ReadonlyMap<string, RepositoryReferences>;
  /** Every blob that some repository needs. */
  readonly all: ReadonlySet<Digest>;
}

/** @throws {KnownError} when a manifest is damaged. */
export async function findReferences(ctx: Context, folder: RegistryFolder): Promise<References> {
  const all = new Set<Digest>();
  const items = await folder.listAllRepositories(ctx);
  const entries = await mapLimit(ctx, { items, limit: 8 }, async (inner, name) => {
    const references = await repositoryReferences(inner, folder.repository(name));
    for (const digest of await blobsOf(folder.root, name, references)) all.add(digest);
    return [name, references] as const;
  });
  return { byRepository: new Map(entries), all };
}

interface Node {
  readonly children: readonly Digest[];
  readonly subject: Digest | undefined;
}

async function repositoryReferences(ctx: Context, repository: RepositoryFolder): Promise<RepositoryReferences> {
  const nodes = new Map<Digest, Node>();
  for (const digest of await repository.listDocuments()) {
    const stored = await repository.readDocument(ctx, digest);
    if (!stored) continue;
    const document = parseManifest(stored.content);
    const children = childrenOf(document).map((child) => child.digest);
    nodes.set(digest, { children, subject: document.subject?.digest });
  }
  const content = new Set([...nodes].flatMap(([digest, { children }]) => [digest, ...children]));
  const roots = await tagged(repository);
  return {
    documents: new Set(nodes.keys()),
    content,
    reachable: reachableFrom(roots, nodes),
    tagged: new Set(roots),
  };
}

async function tagged(repository: RepositoryFolder): Promise<readonly Digest[]> {
  const targets: Digest[] = [];
  for (const tag of (await repository.listTags()) ?? []) {
    const target = await repository.findTag(tag);
    if (target !== undefined) targets.push(target);
  }
  return targets;
}

function reachableFrom(roots: readonly Digest[], nodes: ReadonlyMap<Digest, Node>): ReadonlySet<Digest> {
  const referrers = Map.groupBy(nodes, ([, { subject }]) => subject);
  const reachable = new Set<Digest>();
  const queue = [...roots];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const node = nodes.get(next);
    if (!node || reachable.has(next)) continue;
    reachable.add(next);
    queue.push(...node.children, ...(referrers.get(next) ?? []).map(([digest]) => digest));
  }
  return reachable;
}

/** A link may name a blob by another algorithm than the manifest does. */
async function blobsOf(root: string, name: string, { documents, content }: RepositoryReferences): Promise<Digest[]> {
  const blobs: Digest[] = [];
  for (const digest of content) {
    const path = documents.has(digest) ? revisionLinkPath(name, digest) : layerLinkPath(name, digest);
    blobs.push(digest, (await readLink(root, path)) ?? digest);
  }
  return blobs;
}
