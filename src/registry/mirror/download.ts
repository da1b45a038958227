import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { verified } from "../../oci/verify.ts";
import type { ByteRange, RepositoryStorage, Upload, UploadReader } from "../storage/storage.ts";
import { untilAborted } from "../../base/until-aborted.ts";

/** A blob on its way from an upstream into a repository, which any number of clients can read meanwhile. */
export class Download {
  readonly target: Descriptor;
  /** Settles when the blob is stored, or will not be. Never rejects. */
  readonly ended: Promise<void>;
  readonly #repository: RepositoryStorage;
  readonly #reader: UploadReader;
  #availableBytes = 0;
  #readers = 0;
  #state: { readonly kind: "running" | "stored" } | { readonly kind: "failed"; readonly error: unknown } = {
    kind: "running",
  };
  #changed = Promise.withResolvers<void>();

  private constructor(parts: {
    readonly ctx: Context;
    readonly repository: RepositoryStorage;
    readonly target: Descriptor;
    readonly upload: Upload;
    readonly reader: UploadReader;
    readonly content: Bytes;
  }) {
    this.target = parts.target;
    this.#repository = parts.repository;
    this.#reader = parts.reader;
    this.ended = this.#run(parts.ctx, parts.upload, parts.content);
  }

  /** Resolves when the upstream begins to send. @param ctx outlives the clients: the download ends without them. */
  static async start(
    ctx: Context,
    repository: RepositoryStorage,
    { target, fetch }: { readonly target: Descriptor; readonly fetch: (ctx: Context) => Promise<Bytes> },
  ): Promise<Download> {
    const content = await fetch(ctx);
    const upload = await repository.uploads.start();
    const reader = await repository.uploads.openReader(upload);
    return new Download({ ctx, repository, target, upload, reader, content });
  }

  /** Ends with an error before the last bytes when the content turns out to be wrong. */
  async *read(ctx: Context, { first, last }: ByteRange): Bytes {
    if (this.#state.kind === "stored") {
      const { digest, size } = this.target;
      yield* this.#repository.readBlob(ctx, { digest, sizeBytes: size }, { first, last });
      return;
    }
    this.#readers++;
    try {
      for (let offset = first; offset <= last;) {
        const end = Math.min(last, (await this.#availableBeyond(ctx, offset)) - 1);
        yield* this.#reader.read(ctx, { first: offset, last: end });
        offset = end + 1;
      }
    } finally {
      this.#readers--;
      await this.#closeIfUnused();
    }
  }

  async #run(ctx: Context, upload: Upload, content: Bytes): Promise<void> {
    try {
      await this.#write(ctx, upload, verified(content, this.target));
      await this.#repository.finishUpload(upload.id, this.target.digest);
      this.#state = { kind: "stored" };
    } catch (error) {
      this.#state = { kind: "failed", error };
      await this.#repository.uploads.cancel(upload.id).catch(() => undefined);
    }
    this.#changed.resolve();
    await this.#closeIfUnused();
  }

  /** The last piece counts only once all is verified. */
  async #write(ctx: Context, upload: Upload, content: Bytes): Promise<void> {
    let writtenBytes = 0;
    await this.#repository.uploads.append(ctx, upload, content, (sizeBytes) => {
      this.#announce(writtenBytes);
      writtenBytes = sizeBytes;
    });
    this.#announce(writtenBytes);
  }

  #announce(sizeBytes: number): void {
    this.#availableBytes = sizeBytes;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #availableBeyond(ctx: Context, offset: number): Promise<number> {
    while (this.#availableBytes <= offset) {
      if (this.#state.kind === "failed") throw this.#state.error;
      await untilAborted(ctx, this.#changed.promise);
    }
    return this.#availableBytes;
  }

  async #closeIfUnused(): Promise<void> {
    if (this.#readers === 0 && this.#state.kind !== "running") await this.#reader[Symbol.asyncDispose]();
  }
}
