import type { Context } from "../../base/context.ts";
import { assertNever } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { jsonResponse, Refusal, toResponse, type ApiRequest, type ApiResponse } from "../server/api.ts";
import { blobResponse } from "../server/blobs.ts";
import { page } from "../server/lists.ts";
import { unsupported } from "../server/refusal.ts";
import { createRegistry, READS, type RegistryHandler } from "../server/registry.ts";
import { parseRoute, type Route } from "../server/route.ts";
import type { RegistryStorage, RepositoryStorage } from "../storage/storage.ts";
import { Download } from "./download.ts";
import { MirroredDocuments } from "./mirrored-documents.ts";
import { findMirrored, type MirroredName, type MirroredRegistry } from "./mirrored-name.ts";
import { Outages } from "./outages.ts";
import { SharedWork } from "./shared-work.ts";
import { toMirrorRefusal } from "./mirror-refusal.ts";

export interface MirrorOptions {
  readonly storage: RegistryStorage;
  readonly registries: readonly MirroredRegistry[];
  /** For how long a tag is taken to mean what it meant. */
  readonly tagTtlMs: number;
  /** Milliseconds on any clock that only goes forward. */
  readonly nowMs: () => number;
  /** Told why content is served that may be out of date. */
  readonly warn: (message: string) => void;
}

type NamedRoute = Exclude<Route, { readonly kind: "version" | "catalog" }>;

/**
 * A registry that has what its upstreams have: what is asked for is fetched once, kept, and served from then on, also
 * when the upstream does not answer. Nobody can push to it.
 * @param ctx for what goes on when a client is gone.
 */
export function createMirror(ctx: Context, options: MirrorOptions): RegistryHandler {
  const mirror = new Mirror(ctx, options);
  return async (inner, request) => {
    try {
      if (!READS.includes(request.method)) throw unsupported("this registry is a mirror: push to its upstream");
      return await mirror.answer(inner, request);
    } catch (error) {
      return toResponse(toMirrorRefusal(error, request.path));
    }
  };
}

class Mirror {
  readonly #ctx: Context;
  readonly #options: MirrorOptions;
  readonly #local: RegistryHandler;
  readonly #outages: Outages;
  readonly #documents: MirroredDocuments;
  readonly #downloads = new Map<string, Download>();
  readonly #starting = new SharedWork<Download>();

  constructor(ctx: Context, options: MirrorOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#local = createRegistry(options.storage, { isReadOnly: true });
    this.#outages = new Outages(options);
    this.#documents = new MirroredDocuments(ctx, { ...options, outages: this.#outages });
  }

  async answer(ctx: Context, request: ApiRequest): Promise<ApiResponse> {
    const route = parseRoute(request.path);
    if (!route) throw new Refusal(404, "UNSUPPORTED", "there is no such endpoint");
    if (route.kind === "version" || route.kind === "catalog") return this.#local(ctx, request);
    const { repository } = route;
    const name = findMirrored(this.#options.registries, { repository, namespace: request.query.get("ns") });
    if (!name) throw new Refusal(404, "NAME_UNKNOWN", "this registry is not mirrored here");
    return this.#answerNamed(ctx, { route, name, request });
  }

  async #answerNamed(ctx: Context, call: MirrorCall): Promise<ApiResponse> {
    const { route, name, request } = call;
    switch (route.kind) {
      case "manifest":
        await this.#documents.require(ctx, this.#storageOf(name), { name, reference: route.name });
        return this.#local(ctx, { ...request, path: `/v2/${name.local}/manifests/${route.name}` });
      case "blob":
        return this.#answerBlob(ctx, { name, request, digest: route.digest });
      case "tags":
        return this.#answerTags(ctx, call);
      case "referrers":
        return this.#answerReferrers(ctx, { name, request, subject: route.digest });
      case "upload":
      case "uploads":
        throw unsupported("this registry is a mirror: push to its upstream");
      default:
        return assertNever(route);
    }
  }

  async #answerBlob(
    ctx: Context,
    { name, request, digest }: { name: MirroredName; request: ApiRequest; digest: Digest },
  ): Promise<ApiResponse> {
    const repository = this.#storageOf(name);
    if (await repository.findBlob(digest)) {
      return this.#local(ctx, { ...request, path: `/v2/${name.local}/blobs/${digest}` });
    }
    const target = await this.#describeBlob(ctx, name, digest);
    const { size: sizeBytes } = target;
    const isHead = request.method === "HEAD";
    const download = isHead ? undefined : await this.#download(ctx, repository, { name, target });
    const whole = { first: 0, last: sizeBytes - 1 };
    return blobResponse(request, {
      digest,
      sizeBytes,
      read: (range = whole) => download?.read(ctx, range) ?? nothing(),
    });
  }

  async #describeBlob(ctx: Context, { upstream, remote }: MirroredName, digest: Digest): Promise<Descriptor> {
    const known = this.#documents.findSize(digest);
    const size = known ?? (await upstream.sizeOfBlob(ctx, remote, digest));
    return { mediaType: "application/octet-stream", digest, size };
  }

  /** A download runs to its end even when the client that began it is gone: the next one will want the blob. */
  async #download(
    ctx: Context,
    repository: RepositoryStorage,
    { name: { upstream, remote, local }, target }: { name: MirroredName; target: Descriptor },
  ): Promise<Download> {
    const key = `${local}@${target.digest}`;
    const running = this.#downloads.get(key);
    if (running) return running;
    return this.#starting.do(ctx, key, async () => {
      const download = await Download.start(this.#ctx, repository, {
        target,
        fetch: (outer) => upstream.fetch(outer, remote, target),
      });
      this.#downloads.set(key, download);
      void download.ended.then(() => this.#downloads.delete(key));
      return download;
    });
  }

  async #answerTags(ctx: Context, { name, request }: MirrorCall): Promise<ApiResponse> {
    const { upstream, remote } = name;
    const local = (await this.#storageOf(name).listTags()) ?? [];
    const tags = await this.#outages.preferUpstream(ctx, upstream, {
      ask: (inner) => upstream.listTags(inner, remote),
      kept: local.length > 0 ? local : undefined,
    });
    if (tags.length === 0) throw new Refusal(404, "NAME_UNKNOWN", "there is no such repository");
    const { names, headers } = page([...tags].sort(), request);
    return jsonResponse(200, { name: remote, tags: names }, headers);
  }

  async #answerReferrers(
    ctx: Context,
    { name, request, subject }: { name: MirroredName; request: ApiRequest; subject: Digest },
  ): Promise<ApiResponse> {
    const { upstream, remote, local } = name;
    const kept = await this.#local(ctx, { ...request, path: `/v2/${local}/referrers/${subject}` });
    return this.#outages.preferUpstream(ctx, upstream, {
      kept,
      async ask(inner) {
        const body = await upstream.findReferrers(inner, remote, subject);
        return body === undefined
          ? kept
          : { ...kept, headers: { "content-type": String(kept.headers["content-type"]) }, body };
      },
    });
  }

  #storageOf({ local }: MirroredName): RepositoryStorage {
    return this.#options.storage.repository(local);
  }
}

interface MirrorCall {
  readonly route: NamedRoute;
  readonly name: MirroredName;
  readonly request: ApiRequest;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
