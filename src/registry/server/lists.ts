import type { Context } from "../../base/context.ts";
import type { RegistryStorage, RepositoryStorage } from "../storage/storage.ts";
import { jsonResponse, Refusal, type ApiRequest, type ApiResponse } from "./api.ts";

export async function handleCatalog(
  ctx: Context,
  storage: RegistryStorage,
  { path, query }: ApiRequest,
): Promise<ApiResponse> {
  const { names, headers } = page(await storage.listRepositories(ctx), { path, query });
  return jsonResponse(200, { repositories: names }, headers);
}

export async function handleTags(repository: RepositoryStorage, { path, query }: ApiRequest): Promise<ApiResponse> {
  const tags = await repository.listTags();
  if (!tags) throw new Refusal(404, "NAME_UNKNOWN", "there is no such repository");
  const { names, headers } = page(tags, { path, query });
  return jsonResponse(200, { name: repository.name, tags: names }, headers);
}

export interface Page {
  readonly names: readonly string[];
  /** Where the next page is, when there is one. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The names that `n` and `last` ask for. https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags */
export function page(
  sorted: readonly string[],
  { path, query }: { readonly path: string; readonly query: URLSearchParams },
): Page {
  const after = query.get("last");
  const rest = after === null ? sorted : sorted.filter((name) => name > after);
  const limit = query.get("n");
  if (limit === null) return { names: rest, headers: {} };
  if (!/^\d{1,9}$/.test(limit)) throw new Refusal(400, "UNSUPPORTED", "n is not a number");
  const names = rest.slice(0, Number(limit));
  const last = names.at(-1);
  if (last === undefined || names.length === rest.length) return { names, headers: {} };
  const next = new URLSearchParams(query);
  next.set("last", last);
  return { names, headers: { link: `<${path}?${next.toString()}>; rel="next"` } };
}
