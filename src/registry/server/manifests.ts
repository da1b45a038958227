import { bytesOf, collect } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { algorithmOf, digestOf, isDigest } from "../../oci/digest.ts";
import {
  childrenOf,
  isImageIndex,
  MANIFEST_LIMIT_BYTES,
  parseManifest,
  type ImageIndex,
  type Manifest,
} from "../../oci/manifest.ts";
import { isTag } from "../../oci/reference.ts";
import type { RepositoryStorage } from "../storage/storage.ts";
import { Refusal, type ApiRequest, type ApiResponse } from "./api.ts";

/** More tags in one request are refused. */
const TAG_LIMIT = 100;

interface ManifestCall {
  /** A tag or a digest. */
  readonly name: string;
  readonly request: ApiRequest;
}

export function handleManifest(ctx: Context, repository: RepositoryStorage, call: ManifestCall): Promise<ApiResponse> {
  switch (call.request.method) {
    case "PUT":
      return putManifest(ctx, repository, call);
    case "DELETE":
      return removeManifest(repository, call);
    default:
      return getManifest(ctx, repository, call);
  }
}

/** Whatever the client says it accepts: it gets what is there. */
async function getManifest(ctx: Context, repository: RepositoryStorage, { name }: ManifestCall): Promise<ApiResponse> {
  const found = await repository.findDocument(ctx, name);
  if (!found) throw unknown();
  const { mediaType, digest } = found.descriptor;
  const headers = { "content-type": mediaType, "docker-content-digest": digest, etag: `"${digest}"` };
  return { status: 200, headers, body: found.content };
}

async function putManifest(
  ctx: Context,
  repository: RepositoryStorage,
  { name, request }: ManifestCall,
): Promise<ApiResponse> {
  const tags = tagsOf(name, request);
  const content = await readDocument(request);
  const digest = digestOf(content, isDigest(name) ? algorithmOf(name) : "sha256");
  if (isDigest(name) && digest !== name) throw new Refusal(400, "DIGEST_INVALID", `the content is ${digest}`);
  const document = parseDocument(content, request);
  await requireBlobs(repository, document);
  const descriptor = { mediaType: document.mediaType, digest, size: content.byteLength };
  await repository.push(ctx, descriptor, bytesOf(content));
  for (const tag of tags) await repository.tag(ctx, descriptor, tag);
  return {
    status: 201,
    headers: {
      location: `/v2/${repository.name}/manifests/${digest}`,
      "docker-content-digest": digest,
      ...(document.subject && { "oci-subject": document.subject.digest }),
      ...(isDigest(name) && tags.length > 0 && { "oci-tag": tags.join(", ") }),
    },
  };
}

/** A manifest that is pushed by its digest can be given tags by the query. @throws {Refusal} for a malformed one. */
function tagsOf(name: string, { query }: ApiRequest): readonly string[] {
  if (!isDigest(name)) return [name];
  const tags = query.getAll("tag");
  if (tags.length <= TAG_LIMIT && tags.every(isTag)) return tags;
  throw new Refusal(400, "TAG_INVALID", `expected at most ${TAG_LIMIT} well-formed tags`);
}

async function removeManifest(repository: RepositoryStorage, { name }: ManifestCall): Promise<ApiResponse> {
  const isRemoved = isDigest(name) ? await repository.removeDocument(name) : await repository.removeTag(name);
  if (!isRemoved) throw unknown();
  return { status: 202, headers: {} };
}

async function readDocument({ body }: ApiRequest): Promise<Buffer> {
  try {
    return await collect(body, MANIFEST_LIMIT_BYTES);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Refusal(413, "SIZE_INVALID", `a manifest has at most ${MANIFEST_LIMIT_BYTES} bytes`);
  }
}

function parseDocument(content: Buffer, { headers }: ApiRequest): Manifest | ImageIndex {
  const named =
    String(headers["content-type"] ?? "")
      .split(";", 1)[0]
      ?.trim() ?? "";
  try {
    const document = parseManifest(content);
    if (named === "" || named === document.mediaType) return document;
  } catch {
    throw new Refusal(400, "MANIFEST_INVALID", "the content is not a manifest or index of OCI or Docker (schema 2)");
  }
  throw new Refusal(400, "MANIFEST_INVALID", "the media type is not that of the content");
}

/** An index may list images of platforms that nobody wanted here; an image must be whole. */
async function requireBlobs(repository: RepositoryStorage, document: Manifest | ImageIndex): Promise<void> {
  if (isImageIndex(document)) return;
  for (const child of childrenOf(document)) {
    if (isForeign(child) || (await repository.findBlob(child.digest))) continue;
    throw new Refusal(404, "MANIFEST_BLOB_UNKNOWN", `the repository does not have ${child.digest}`);
  }
}

/** Content that is found elsewhere and need not be here. */
function isForeign({ urls }: Descriptor): boolean {
  return urls !== undefined && urls.length > 0;
}

function unknown(): Refusal {
  return new Refusal(404, "MANIFEST_UNKNOWN", "the repository does not have this manifest");
}
