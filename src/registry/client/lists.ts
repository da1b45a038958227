import type { Context } from "../../base/context.ts";
import { isRepository, isTag } from "../../oci/reference.ts";
import { RegistryError } from "./errors.ts";
import type { RemoteRegistry } from "./remote-registry.ts";

const PAGE_LIMIT_BYTES = 8 * 1024 * 1024;
/** A registry that always names another page must not hold us for ever. */
const PAGE_LIMIT = 10_000;

interface List {
  readonly target: string;
  readonly field: "repositories" | "tags";
  readonly repository: string;
  readonly scope: string;
  readonly purpose: string;
}

/** All repositories of a registry, as far as it tells. */
export async function listRepositories(ctx: Context, registry: RemoteRegistry): Promise<readonly string[]> {
  const names = await readPages(ctx, registry, {
    target: "_catalog?n=1000",
    field: "repositories",
    repository: "",
    scope: "registry:catalog:*",
    purpose: `list the repositories of "${registry.name}"`,
  });
  return names.filter(isRepository);
}

/** All tags of a repository; none when there is no such repository. */
export async function listTags(ctx: Context, registry: RemoteRegistry, repository: string): Promise<readonly string[]> {
  const names = await readPages(ctx, registry, {
    target: `${repository}/tags/list?n=1000`,
    field: "tags",
    repository,
    scope: `repository:${repository}:pull`,
    purpose: `list the tags of "${registry.name}/${repository}"`,
  });
  return names.filter(isTag);
}

async function readPages(ctx: Context, registry: RemoteRegistry, list: List): Promise<readonly string[]> {
  const access = { repository: list.repository, scopes: [list.scope], purpose: list.purpose };
  const names: string[] = [];
  let target: string | URL = list.target;
  for (let pages = 0; pages < PAGE_LIMIT; pages++) {
    const { response, document } = await registry.read(ctx, {
      method: "GET",
      target,
      headers: { accept: "application/json" },
      access,
      expect: [200, 404],
      limitBytes: PAGE_LIMIT_BYTES,
    });
    if (response.status === 404) return names;
    names.push(...parseNames(document, list));
    const next = findNext(response.headers["link"], response.url);
    if (!next) return names;
    target = next;
  }
  throw new RegistryError("REGISTRY_STATUS", `Cannot ${list.purpose}: the list has more than ${PAGE_LIMIT} pages`);
}

function parseNames(document: Buffer, { field, purpose }: List): readonly string[] {
  try {
    const value: unknown = JSON.parse(document.toString("utf8"));
    const names: unknown = typeof value === "object" && value !== null ? Reflect.get(value, field) : undefined;
    // Go's registries write an empty list as null.
    if (names === null) return [];
    if (Array.isArray(names)) return names.filter((name) => typeof name === "string");
  } catch {
    // said below
  }
  throw new RegistryError("REGISTRY_STATUS", `Cannot ${purpose}: the answer has no list of ${field}`);
}

/** The next page, on the same registry only. https://www.rfc-editor.org/rfc/rfc8288 */
export function findNext(link: string | string[] | undefined, from: URL): URL | undefined {
  const path = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(link ?? ""))?.[1];
  if (path === undefined || !URL.canParse(path, from.href)) return undefined;
  const next = new URL(path, from.href);
  return next.origin === from.origin ? next : undefined;
}
