import type { Context } from "../../base/context.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { isImageIndex, parseManifest } from "../../oci/manifest.ts";
import { MEDIA_TYPES } from "../../oci/media-type.ts";
import type { RepositoryStorage } from "../storage/storage.ts";
import { jsonResponse, type ApiRequest, type ApiResponse } from "./api.ts";

export type Referrers = (
  ctx: Context,
  repository: RepositoryStorage,
  call: { readonly subject: Digest; readonly request: ApiRequest },
) => Promise<ApiResponse>;

interface Referrer {
  readonly descriptor: Descriptor;
  /** Absent: the document refers to nothing. */
  readonly subject: Digest | undefined;
}

/**
 * Which manifests name another one as their subject. The layout has no place for that, and other programs may have
 * written the folder: documents are looked at when asked for, once each, since they never change.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
export function createReferrers(): Referrers {
  const known = new Map<Digest, Referrer>();
  return async (ctx, repository, { subject, request }) => {
    const filter = request.query.get("artifactType");
    const manifests: Descriptor[] = [];
    for (const digest of await repository.listDocuments()) {
      const referrer = known.get(digest) ?? (await readReferrer(ctx, repository, digest));
      if (!referrer) continue;
      known.set(digest, referrer);
      const { descriptor } = referrer;
      if (referrer.subject === subject && (filter === null || descriptor.artifactType === filter)) {
        manifests.push(descriptor);
      }
    }
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests };
    const applied = filter === null ? {} : { "oci-filters-applied": "artifactType" };
    return jsonResponse(200, index, { "content-type": MEDIA_TYPES.ociIndex, ...applied });
  };
}

async function readReferrer(
  ctx: Context,
  repository: RepositoryStorage,
  digest: Digest,
): Promise<Referrer | undefined> {
  const found = await repository.findDocument(ctx, digest);
  if (!found) return undefined;
  const document = parseManifest(found.content);
  const { artifactType = isImageIndex(document) ? undefined : document.config.mediaType, annotations } = document;
  const details = { ...(artifactType === undefined ? {} : { artifactType }), ...(annotations && { annotations }) };
  return { descriptor: { ...found.descriptor, ...details }, subject: document.subject?.digest };
}
