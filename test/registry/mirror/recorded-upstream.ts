import type { Bytes } from "../../../src/base/bytes.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { NotFoundError } from "../../../src/base/error.ts";
import type { Upstream } from "../../../src/registry/mirror/upstream.ts";
import { MemoryRegistry } from "../../../src/registry/storage/memory.ts";
import type { RegistryStorage } from "../../../src/registry/storage/storage.ts";

export interface RecordedUpstream {
  readonly upstream: Upstream;
  /** What it has. */
  readonly storage: RegistryStorage;
  /** What it was asked, as `fetch team/web sha256:…`. */
  readonly log: string[];
}

export interface RecordedUpstreamOptions {
  readonly name?: string;
  /** What becomes of each answer, for instance an error or a wait. */
  readonly before?: (asked: string) => Promise<void> | void;
  /** What becomes of the content on its way. */
  readonly transform?: (content: Bytes) => Bytes;
}

/** An upstream over memory that says what it was asked. */
export function recordedUpstream({
  name = "upstream.example",
  before,
  transform = (content) => content,
}: RecordedUpstreamOptions = {}): RecordedUpstream {
  const storage = new MemoryRegistry({ limitBytes: 100_000_000 });
  const log: string[] = [];
  const ask = async (asked: string): Promise<void> => {
    log.push(asked);
    await before?.(asked);
  };
  const upstream: Upstream = {
    name,
    async resolve(ctx, repository, reference) {
      await ask(`resolve ${repository} ${reference}`);
      return storage.repository(repository).resolve(ctx, reference);
    },
    async fetch(ctx, repository, target) {
      await ask(`fetch ${repository} ${target.digest}`);
      return transform(await storage.repository(repository).fetch(ctx, target));
    },
    async sizeOfBlob(_, repository, digest) {
      await ask(`size ${repository} ${digest}`);
      const found = await storage.repository(repository).findBlob(digest);
      if (found) return found.sizeBytes;
      throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find ${digest}`);
    },
    async listTags(_, repository) {
      await ask(`tags ${repository}`);
      return (await storage.repository(repository).listTags()) ?? [];
    },
    async findReferrers(_, repository, subject) {
      await ask(`referrers ${repository} ${subject}`);
      return undefined;
    },
  };
  return { upstream, storage, log };
}

export const ctx = backgroundContext();
