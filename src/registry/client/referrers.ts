import type { Context } from "../../base/context.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { isImageIndex, MANIFEST_LIMIT_BYTES, parseManifest } from "../../oci/manifest.ts";
import { MEDIA_TYPES } from "../../oci/media-type.ts";
import type { Access } from "./authenticator.ts";
import { findNext } from "./lists.ts";
import type { RemoteRegistry } from "./remote-registry.ts";

/** More pages than any image has. */
const PAGE_LIMIT = 100;

/**
 * The manifests that name `subject` as theirs.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 * @returns undefined when the registry has no such interface.
 */
export async function listReferrers(
  ctx: Context,
  registry: RemoteRegistry,
  { repository, subject, access }: { repository: string; subject: Digest; access: Access },
): Promise<readonly Descriptor[] | undefined> {
  const found: Descriptor[] = [];
  let target: string | URL | undefined = `${repository}/referrers/${subject}`;
  for (let page = 0; target !== undefined && page < PAGE_LIMIT; page++) {
    const { response, document } = await registry.read(ctx, {
      method: "GET",
      target,
      headers: { accept: MEDIA_TYPES.ociIndex },
      access,
      expect: [200, 400, 403, 404, 405, 501],
      limitBytes: MANIFEST_LIMIT_BYTES,
    });
    // Some registries answer every path with a page of their own.
    const type = String(response.headers["content-type"] ?? "").split(";", 1)[0];
    if (response.status !== 200 || type !== MEDIA_TYPES.ociIndex) return undefined;
    const index = parseManifest(document, MEDIA_TYPES.ociIndex);
    if (isImageIndex(index)) found.push(...index.manifests);
    target = findNext(response.headers["link"], response.url);
  }
  return found;
}
