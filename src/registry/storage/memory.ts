import { bytesOf, collect, type Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { InputError, NotFoundError } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isDigest, type Digest } from "../../oci/digest.ts";
import { isDocumentType } from "../../oci/media-type.ts";
import { isRepository, isTag } from "../../oci/reference.ts";
import { verified } from "../../oci/verify.ts";
import { MemoryBudget, type MemoryContent } from "./memory-content.ts";
import { MemoryUploads, type MemorySessions } from "./memory-uploads.ts";
import type { ByteRange, RegistryStorage, RepositoryStorage, StoredBlob, StoredDocument } from "./storage.ts";

/** What the repositories of one registry share. */
interface Shared {
  readonly budget: MemoryBudget;
  readonly sessions: MemorySessions;
  /** By name. */
  readonly repositories: Map<string, MemoryRepository>;
}

/** A registry's content in memory, up to a limit; gone with the process. */
export class MemoryRegistry implements RegistryStorage {
  readonly #shared: Shared;

  constructor({ limitBytes }: { readonly limitBytes: number }) {
    this.#shared = { budget: new MemoryBudget(limitBytes), sessions: new Map(), repositories: new Map() };
  }

  repository(name: string): RepositoryStorage {
    if (!isRepository(name)) throw new InputError(`Cannot open repository "${name}": the name is malformed`);
    return this.#shared.repositories.get(name) ?? new MemoryRepository(name, this.#shared);
  }

  async listRepositories(ctx: Context): Promise<readonly string[]> {
    ctx.signal.throwIfAborted();
    const { repositories } = this.#shared;
    return [...repositories].flatMap(([name, { hasImages }]) => (hasImages ? [name] : [])).sort();
  }
}

/** One repository of a {@link MemoryRegistry}; it is known to the others from its first content on. */
class MemoryRepository implements RepositoryStorage {
  readonly name: string;
  readonly uploads: MemoryUploads;
  readonly #shared: Shared;
  readonly #blobs = new Map<Digest, MemoryContent>();
  readonly #documents = new Map<Digest, StoredDocument>();
  readonly #tags = new Map<string, Digest>();

  constructor(name: string, shared: Shared) {
    this.name = name;
    this.uploads = new MemoryUploads(name, shared);
    this.#shared = shared;
  }

  /** The instance that holds the content: several may be open before the first content comes. */
  get #home(): MemoryRepository {
    return this.#shared.repositories.get(this.name) ?? this;
  }

  get hasImages(): boolean {
    return this.#home.#documents.size > 0;
  }

  async has(ctx: Context, { mediaType, digest, size }: Descriptor): Promise<boolean> {
    ctx.signal.throwIfAborted();
    if (isDocumentType(mediaType)) return this.#home.#documents.get(digest)?.descriptor.size === size;
    return this.#home.#blobs.get(digest)?.sizeBytes === size;
  }

  async fetch(ctx: Context, { mediaType, digest }: Descriptor): Promise<Bytes> {
    ctx.signal.throwIfAborted();
    const document = isDocumentType(mediaType) ? this.#home.#documents.get(digest) : undefined;
    if (document) return bytesOf(document.content);
    return this.#requireBlob(digest).read(ctx);
  }

  async push(ctx: Context, expected: Descriptor, content: Bytes): Promise<void> {
    if (await this.has(ctx, expected)) return;
    if (isDocumentType(expected.mediaType)) return this.#pushDocument(expected, content);
    const upload = await this.uploads.start();
    try {
      await this.uploads.append(ctx, upload, verified(content, expected));
      await this.finishUpload(upload.id, expected.digest);
    } finally {
      await this.uploads.cancel(upload.id);
    }
  }

  async #pushDocument({ mediaType, digest, size }: Descriptor, content: Bytes): Promise<void> {
    const document = await collect(verified(content, { mediaType, digest, size }), size);
    if (this.#home.#documents.has(digest)) return;
    this.#shared.budget.take(size);
    this.#open().#documents.set(digest, { descriptor: { mediaType, digest, size }, content: document });
  }

  async resolve(ctx: Context, name: string): Promise<Descriptor> {
    const found = await this.findDocument(ctx, name);
    if (found) return found.descriptor;
    throw this.#notFound(name);
  }

  async tag(ctx: Context, target: Descriptor, name: string): Promise<void> {
    if (!isTag(name)) throw new InputError(`Cannot tag an image of "${this.name}" with "${name}": it is malformed`);
    if (!(await this.has(ctx, target))) throw this.#notFound(target.digest);
    this.#home.#tags.set(name, target.digest);
  }

  async findDocument(ctx: Context, name: string): Promise<StoredDocument | undefined> {
    ctx.signal.throwIfAborted();
    const digest = isDigest(name) ? name : this.#home.#tags.get(name);
    return digest && this.#home.#documents.get(digest);
  }

  async findBlob(digest: Digest): Promise<StoredBlob | undefined> {
    const content = this.#home.#blobs.get(digest);
    return content && { digest, sizeBytes: content.sizeBytes };
  }

  readBlob(ctx: Context, { digest }: StoredBlob, range?: ByteRange): Bytes {
    return this.#requireBlob(digest).read(ctx, range);
  }

  async finishUpload(id: string, expected: Digest): Promise<void> {
    const content = await this.uploads.finish(id, expected);
    const known = this.#findAnywhere(expected);
    if (known) this.#shared.budget.give(content.sizeBytes);
    this.#addBlob(expected, known ?? content);
  }

  async mount(digest: Digest, from: string): Promise<boolean> {
    const source = this.#shared.repositories.get(from);
    const content = source && source.#blobs.get(digest);
    if (content) this.#addBlob(digest, content);
    return content !== undefined;
  }

  async listTags(): Promise<readonly string[] | undefined> {
    return this.hasImages ? [...this.#home.#tags.keys()].sort() : undefined;
  }

  async listDocuments(): Promise<readonly Digest[]> {
    return [...this.#home.#documents.keys()];
  }

  async removeTag(tag: string): Promise<boolean> {
    return this.#home.#tags.delete(tag);
  }

  async removeDocument(digest: Digest): Promise<boolean> {
    for (const [tag, target] of this.#home.#tags) if (target === digest) this.#home.#tags.delete(tag);
    const document = this.#home.#documents.get(digest);
    if (!document) return false;
    this.#home.#documents.delete(digest);
    this.#shared.budget.give(document.descriptor.size);
    return true;
  }

  async removeBlob(digest: Digest): Promise<boolean> {
    const content = this.#home.#blobs.get(digest);
    if (!content) return false;
    this.#home.#blobs.delete(digest);
    if (!this.#findAnywhere(digest)) this.#shared.budget.give(content.sizeBytes);
    return true;
  }

  #addBlob(digest: Digest, content: MemoryContent): void {
    this.#open().#blobs.set(digest, content);
  }

  #open(): MemoryRepository {
    const home = this.#home;
    this.#shared.repositories.set(this.name, home);
    return home;
  }

  #findAnywhere(digest: Digest): MemoryContent | undefined {
    return [...this.#shared.repositories.values()].map((other) => other.#blobs.get(digest)).find(Boolean);
  }

  #requireBlob(digest: Digest): MemoryContent {
    const content = this.#home.#blobs.get(digest);
    if (content) return content;
    throw this.#notFound(digest);
  }

  #notFound(name: string): NotFoundError {
    return new NotFoundError("IMAGE_NOT_FOUND", `Cannot find "${name}" in repository "${this.name}"`);
  }
}
