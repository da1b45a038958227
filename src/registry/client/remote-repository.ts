import { bytesOf, collect, type Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { NotFoundError } from "../../base/error.ts";
import type { ImageTarget } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { algorithmOf, digestOf, isDigest, type Digest } from "../../oci/digest.ts";
import { IntegrityError } from "../../oci/errors.ts";
import { MANIFEST_LIMIT_BYTES } from "../../oci/manifest.ts";
import { isIndexType, isManifestType, MEDIA_TYPES } from "../../oci/media-type.ts";
import { verified } from "../../oci/verify.ts";
import type { Access } from "./authenticator.ts";
import { uploadBlob } from "./blob-upload.ts";
import { RegistryError } from "./errors.ts";
import type { HttpResponse } from "./http.ts";
import { listReferrers } from "./referrers.ts";
import type { RegistryRequest, RemoteRegistry } from "./remote-registry.ts";
import { openDownload } from "./resumed-download.ts";

export interface RemoteRepositoryOptions {
  /** Another repository of the same registry that is known to have the blob: it is then not sent but mounted. */
  readonly findMountSource?: (digest: Digest) => string | undefined;
}

/** Some registries answer 404 to a list that lacks the type of what they have, or to a wildcard. */
const ACCEPT_MANIFESTS = [
  MEDIA_TYPES.ociIndex,
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.dockerManifestList,
  MEDIA_TYPES.dockerManifest,
].join(", ");

/** The images of one repository of a registry. */
export class RemoteRepository implements ImageTarget {
  readonly #registry: RemoteRegistry;
  readonly #name: string;
  readonly #options: RemoteRepositoryOptions;
  /** The document pushed last: in a copy the root, which is tagged next. */
  #lastPushed: { readonly digest: Digest; readonly content: Uint8Array } | undefined;

  /** @param name without the registry's host, for instance `library/nginx`. */
  constructor(registry: RemoteRegistry, name: string, options: RemoteRepositoryOptions = {}) {
    this.#registry = registry;
    this.#name = name;
    this.#options = options;
  }

  async resolve(ctx: Context, name: string): Promise<Descriptor> {
    const access = this.#access("pull", name);
    const head = await this.#registry.send(ctx, this.#manifestRequest("HEAD", name, access));
    head.discard();
    if (head.status === 404) throw this.#notFound(name);
    const found = findDescriptor(head);
    if (!found) return this.#resolveByContent(ctx, name, access);
    if (isDigest(name) && found.digest !== name) throw wrongDigest(access.purpose, found.digest);
    requireDocumentSize(found, access.purpose);
    return found;
  }

  async has(ctx: Context, target: Descriptor): Promise<boolean> {
    // Only who is about to push asks.
    const access = { ...this.#access("pull", target.digest), purpose: `push "${this.#fullName(target.digest)}"` };
    const response = await this.#registry.send(ctx, {
      method: "HEAD",
      target: this.#pathOf(target),
      headers: headersFor(target),
      access,
      expect: [200, 404],
    });
    response.discard();
    return response.status === 200;
  }

  fetch(ctx: Context, target: Descriptor): Promise<Bytes> {
    return this.fetchFrom(ctx, target, 0);
  }

  async fetchFrom(ctx: Context, target: Descriptor, start: number): Promise<Bytes> {
    const access = this.#access("pull", target.digest);
    if (isDocument(target)) requireDocumentSize(target, access.purpose);
    return openDownload(ctx, {
      target,
      start,
      purpose: access.purpose,
      retryPolicy: this.#registry.retryPolicy,
      open: async (offset) => {
        const response = await this.#registry.send(ctx, {
          method: "GET",
          target: this.#pathOf(target),
          headers: { ...headersFor(target), ...(offset > 0 && { range: `bytes=${offset}-` }) },
          access,
          expect: [200, ...(offset > 0 ? [206] : []), 404],
        });
        if (response.status !== 404) return response;
        response.discard();
        throw this.#notFound(target.digest);
      },
    });
  }

  async push(ctx: Context, expected: Descriptor, content: Bytes): Promise<void> {
    const access = this.#access("pull,push", expected.digest);
    if (!isDocument(expected)) {
      const { findMountSource } = this.#options;
      const mountFrom = findMountSource?.(expected.digest);
      return uploadBlob(ctx, this.#registry, { repository: this.#name, access, expected, content, mountFrom });
    }
    const document = await collect(verified(content, expected), MANIFEST_LIMIT_BYTES);
    await this.#putManifest(ctx, { name: expected.digest, target: expected, document, access });
    this.#lastPushed = { digest: expected.digest, content: document };
  }

  async tag(ctx: Context, target: Descriptor, name: string): Promise<void> {
    const access = this.#access("pull,push", name);
    const known = this.#lastPushed?.digest === target.digest ? bytesOf(this.#lastPushed.content) : undefined;
    const content = known ?? (await this.fetch(ctx, target));
    const document = await collect(verified(content, target), MANIFEST_LIMIT_BYTES);
    await this.#putManifest(ctx, { name, target, document, access });
  }

  listReferrers(ctx: Context, subject: Digest): Promise<readonly Descriptor[] | undefined> {
    const access = this.#access("pull", subject);
    return listReferrers(ctx, this.#registry, { repository: this.#name, subject, access });
  }

  async #putManifest(
    ctx: Context,
    { name, target, document, access }: { name: string; target: Descriptor; document: Uint8Array; access: Access },
  ): Promise<void> {
    const response = await this.#registry.send(ctx, {
      method: "PUT",
      target: `${this.#name}/manifests/${name}`,
      headers: { "content-type": target.mediaType },
      body: document,
      access,
      expect: [201],
    });
    response.discard();
    const stored = response.headers["docker-content-digest"];
    if (stored === undefined || stored === target.digest) return;
    throw new IntegrityError(`Cannot ${access.purpose}: the registry stored ${String(stored)} for ${target.digest}`);
  }

  async #resolveByContent(ctx: Context, name: string, access: Access): Promise<Descriptor> {
    const { response, document } = await this.#registry.read(ctx, {
      ...this.#manifestRequest("GET", name, access),
      limitBytes: MANIFEST_LIMIT_BYTES,
    });
    if (response.status === 404) throw this.#notFound(name);
    const mediaType = mediaTypeOf(response);
    if (!isDocument({ mediaType })) throw notAManifest(access.purpose, this.#registry.name, mediaType);
    const digest = digestOf(document, isDigest(name) ? algorithmOf(name) : "sha256");
    if (isDigest(name) && name !== digest) throw wrongDigest(access.purpose, digest);
    return { mediaType, digest, size: document.byteLength };
  }

  #manifestRequest(method: "GET" | "HEAD", name: string, access: Access): RegistryRequest {
    const target = `${this.#name}/manifests/${name}`;
    return { method, target, headers: { accept: ACCEPT_MANIFESTS }, access, expect: [200, 404] };
  }

  #pathOf(target: Descriptor): string {
    return `${this.#name}/${isDocument(target) ? "manifests" : "blobs"}/${target.digest}`;
  }

  #access(actions: "pull" | "pull,push", name: string): Access {
    return {
      repository: this.#name,
      scopes: [`repository:${this.#name}:${actions}`],
      purpose: `${actions === "pull" ? "pull" : "push"} "${this.#fullName(name)}"`,
    };
  }

  #fullName(name: string): string {
    return `${this.#registry.name}/${this.#name}${isDigest(name) ? "@" : ":"}${name}`;
  }

  #notFound(name: string): NotFoundError {
    return new NotFoundError(
      "IMAGE_NOT_FOUND",
      `Cannot find "${this.#fullName(name)}": the registry does not have it`,
      {
        hint: "Check the name and the tag",
      },
    );
  }
}

function isDocument({ mediaType }: Pick<Descriptor, "mediaType">): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType);
}

function headersFor(target: Descriptor): Record<string, string> {
  return isDocument(target) ? { accept: ACCEPT_MANIFESTS } : { "accept-encoding": "identity" };
}

function mediaTypeOf({ headers }: HttpResponse): string {
  return String(headers["content-type"] ?? "").split(";", 1)[0] ?? "";
}

/** @returns undefined when the head of the answer does not say everything. */
function findDescriptor(response: HttpResponse): Descriptor | undefined {
  const mediaType = mediaTypeOf(response);
  const digest = response.headers["docker-content-digest"];
  const size = Number(response.headers["content-length"] ?? Number.NaN);
  if (!isDocument({ mediaType }) || typeof digest !== "string" || !isDigest(digest)) return undefined;
  return Number.isSafeInteger(size) && size > 0 ? { mediaType, digest, size } : undefined;
}

/** A hostile registry must not be able to fill the memory. */
function requireDocumentSize({ size }: Descriptor, purpose: string): void {
  if (size <= MANIFEST_LIMIT_BYTES) return;
  throw new IntegrityError(
    `Cannot ${purpose}: the manifest has ${size} bytes, more than the ${MANIFEST_LIMIT_BYTES} that one may have`,
  );
}

function wrongDigest(purpose: string, digest: Digest): IntegrityError {
  return new IntegrityError(`Cannot ${purpose}: the registry has ${digest} in its place`);
}

function notAManifest(purpose: string, registry: string, mediaType: string): RegistryError {
  return new RegistryError(
    "REGISTRY_STATUS",
    `Cannot ${purpose}: "${registry}" answered with "${mediaType}", expected a manifest of OCI or Docker (schema 2)`,
    { hint: `Check that ${registry} is a registry, and that no proxy answers in its place` },
  );
}
