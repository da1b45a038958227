import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { NotFoundError } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { IntegrityError } from "../../oci/errors.ts";
import { MANIFEST_LIMIT_BYTES } from "../../oci/manifest.ts";
import type { Access } from "../client/authenticator.ts";
import { listTags } from "../client/lists.ts";
import type { RemoteRegistry } from "../client/remote-registry.ts";
import { RemoteRepository } from "../client/remote-repository.ts";

/** The registry behind a mirror. All methods throw a KnownError when it does not answer as it should. */
export interface Upstream {
  /** For people. */
  readonly name: string;
  /** The manifest or index behind a tag or digest. @throws {NotFoundError} */
  resolve(ctx: Context, repository: string, reference: string): Promise<Descriptor>;
  /** Not verified. @throws {NotFoundError} */
  fetch(ctx: Context, repository: string, target: Descriptor): Promise<Bytes>;
  /** @throws {NotFoundError} */
  sizeOfBlob(ctx: Context, repository: string, digest: Digest): Promise<number>;
  listTags(ctx: Context, repository: string): Promise<readonly string[]>;
  /** The index of what refers to a manifest. @returns undefined when the registry has no such list. */
  findReferrers(ctx: Context, repository: string, subject: Digest): Promise<Buffer | undefined>;
}

/** A registry over HTTP as an upstream; whoever opened the registry closes it. */
export function remoteUpstream(registry: RemoteRegistry): Upstream {
  const { name } = registry;
  const open = (repository: string): RemoteRepository => new RemoteRepository(registry, repository);
  return {
    name,
    resolve: (ctx, repository, reference) => open(repository).resolve(ctx, reference),
    fetch: (ctx, repository, target) => open(repository).fetch(ctx, target),
    listTags: (ctx, repository) => listTags(ctx, registry, repository),
    async sizeOfBlob(ctx, repository, digest) {
      const access = accessTo(name, { repository, digest });
      const target = `${repository}/blobs/${digest}`;
      const response = await registry.send(ctx, { method: "HEAD", target, access, expect: [200, 404] });
      response.discard();
      if (response.status === 404) {
        throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot ${access.purpose}: the registry does not have it`);
      }
      const size = Number(response.headers["content-length"] ?? Number.NaN);
      if (Number.isSafeInteger(size) && size >= 0) return size;
      throw new IntegrityError(`Cannot ${access.purpose}: the registry does not say how large it is`);
    },
    async findReferrers(ctx, repository, subject) {
      const { response, document } = await registry.read(ctx, {
        method: "GET",
        target: `${repository}/referrers/${subject}`,
        access: accessTo(name, { repository, digest: subject }),
        expect: [200, 404],
        limitBytes: MANIFEST_LIMIT_BYTES,
      });
      return response.status === 404 ? undefined : document;
    },
  };
}

function accessTo(registry: string, { repository, digest }: { repository: string; digest: Digest }): Access {
  return {
    repository,
    scopes: [`repository:${repository}:pull`],
    purpose: `pull "${registry}/${repository}@${digest}"`,
  };
}
