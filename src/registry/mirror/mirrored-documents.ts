import type { Context } from "../../base/context.ts";
import { NotFoundError } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isDigest, type Digest } from "../../oci/digest.ts";
import { childrenOf, isImageIndex, parseManifest } from "../../oci/manifest.ts";
import { verified } from "../../oci/verify.ts";
import type { RepositoryStorage } from "../storage/storage.ts";
import type { MirroredName } from "./mirrored-name.ts";
import type { Outages } from "./outages.ts";
import { SharedWork } from "./shared-work.ts";

/** Entries are small; beyond this the registry is asked again. */
const KNOWN_LIMIT = 100_000;

interface Options {
  readonly tagTtlMs: number;
  readonly nowMs: () => number;
  readonly outages: Outages;
}

interface Wanted {
  readonly name: MirroredName;
  /** A tag or a digest. */
  readonly reference: string;
}

/** Brings manifests and indexes here when they are asked for, and knows how fresh tags are. */
export class MirroredDocuments {
  readonly #ctx: Context;
  readonly #options: Options;
  readonly #checkedMs = new Map<string, number>();
  readonly #sizes = new Map<Digest, number>();
  readonly #work = new SharedWork<void>();

  constructor(ctx: Context, options: Options) {
    this.#ctx = ctx;
    this.#options = options;
  }

  /** Afterwards the repository has the document, and the tag means what it means upstream, as far as can be told. */
  async require(ctx: Context, repository: RepositoryStorage, wanted: Wanted): Promise<void> {
    const { reference, name } = wanted;
    const key = `${name.local} ${reference}`;
    const kept = await repository.findDocument(ctx, reference);
    if (kept && (isDigest(reference) || this.#isFresh(key))) return;
    await this.#work.do(ctx, key, async () => {
      const { outages } = this.#options;
      const ask = async (inner: Context): Promise<true> => {
        await this.#fetch(inner, repository, wanted);
        remember(this.#checkedMs, key, this.#options.nowMs());
        return true;
      };
      if (kept) await outages.preferUpstream(this.#ctx, name.upstream, { kept: true, ask });
      else if ((await repository.listDocuments()).length === 0) await ask(this.#ctx);
      else if (!(await outages.askIfUp(this.#ctx, name.upstream, ask))) throw notKept(wanted);
    });
  }

  /** The size of a layer or configuration, when a manifest that went through here said so. */
  findSize(digest: Digest): number | undefined {
    return this.#sizes.get(digest);
  }

  async #fetch(ctx: Context, repository: RepositoryStorage, { name, reference }: Wanted): Promise<void> {
    const { upstream, remote } = name;
    const { mediaType, digest, size } = await upstream.resolve(ctx, remote, reference);
    const target: Descriptor = { mediaType, digest, size };
    if (!(await repository.has(ctx, target))) {
      await repository.push(ctx, target, verified(await upstream.fetch(ctx, remote, target), target));
    }
    if (!isDigest(reference)) await repository.tag(ctx, target, reference);
    await this.#rememberSizes(ctx, repository, digest);
  }

  async #rememberSizes(ctx: Context, repository: RepositoryStorage, digest: Digest): Promise<void> {
    const found = await repository.findDocument(ctx, digest);
    const document = found && parseManifest(found.content);
    if (!document || isImageIndex(document)) return;
    for (const child of childrenOf(document)) remember(this.#sizes, child.digest, child.size);
  }

  #isFresh(key: string): boolean {
    const checkedMs = this.#checkedMs.get(key);
    return checkedMs !== undefined && this.#options.nowMs() - checkedMs < this.#options.tagTtlMs;
  }
}

/** Of a repository that is kept, what is not kept counts as absent: clients also ask for signatures that nobody made. */
function notKept({ name: { upstream, remote }, reference }: Wanted): NotFoundError {
  return new NotFoundError(
    "IMAGE_NOT_FOUND",
    `Cannot find "${reference}" of "${remote}" in the mirror, and "${upstream.name}" does not answer`,
  );
}

/** Forgets the oldest beyond the limit. */
function remember<K, V>(known: Map<K, V>, key: K, value: V): void {
  known.delete(key);
  known.set(key, value);
  const oldest = known.size > KNOWN_LIMIT ? known.keys().next() : undefined;
  if (oldest && !oldest.done) known.delete(oldest.value);
}
