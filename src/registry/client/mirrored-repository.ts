import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { KnownError, NotFoundError } from "../../base/error.ts";
import type { ImageReader } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { openContent } from "../../oci/verify.ts";
import { isDigest, type Digest } from "../../oci/digest.ts";

/** Another place that may have the images of a repository. */
export interface Mirror {
  /** For people: registry and repository. */
  readonly name: string;
  readonly content: ImageReader;
  readonly hasTags: boolean;
  readonly hasDigests: boolean;
}

interface Source {
  /** Undefined for the origin, whose errors say who it is. */
  readonly mirror?: string;
  readonly content: ImageReader;
}

/**
 * A repository whose mirrors are asked first, one after the other, and the origin last. What a name was resolved by is
 * then also asked for its content, and the others for what it does not have after all.
 */
export class MirroredRepository implements ImageReader {
  readonly #mirrors: readonly Mirror[];
  readonly #origin: Source;
  #last: Source | undefined;

  constructor(mirrors: readonly Mirror[], origin: ImageReader) {
    this.#mirrors = mirrors;
    this.#origin = { content: origin };
  }

  resolve(ctx: Context, name: string): Promise<Descriptor> {
    return this.#ask(ctx, this.#sources(isDigest(name)), ({ content }) => content.resolve(ctx, name));
  }

  fetch(ctx: Context, target: Descriptor): Promise<Bytes> {
    return this.fetchFrom(ctx, target, 0);
  }

  fetchFrom(ctx: Context, target: Descriptor, offset: number): Promise<Bytes> {
    const last = this.#last;
    const others = this.#sources(true).filter(({ content }) => content !== last?.content);
    return this.#ask(ctx, last ? [last, ...others] : others, ({ content }) =>
      openContent(ctx, content, { target, offset }),
    );
  }

  async listReferrers(ctx: Context, subject: Digest): Promise<readonly Descriptor[] | undefined> {
    const { content } = this.#last ?? this.#origin;
    return content.listReferrers?.(ctx, subject);
  }

  #sources(byDigest: boolean): readonly Source[] {
    const mirrors = this.#mirrors.filter(({ hasTags, hasDigests }) => (byDigest ? hasDigests : hasTags));
    return [...mirrors.map(({ name, content }) => ({ mirror: name, content })), this.#origin];
  }

  async #ask<T>(ctx: Context, sources: readonly Source[], ask: (source: Source) => Promise<T>): Promise<T> {
    const failures: { readonly source: Source; readonly error: KnownError }[] = [];
    for (const source of sources) {
      try {
        const result = await ask(source);
        this.#last = source;
        return result;
      } catch (error) {
        ctx.signal.throwIfAborted();
        if (!(error instanceof KnownError)) throw error;
        failures.push({ source, error });
      }
    }
    throw toError(failures);
  }
}

/** The origin's error, which knows best what is missing, with what went wrong at the mirrors. */
function toError(failures: readonly { readonly source: Source; readonly error: KnownError }[]): KnownError {
  const own = failures.find(({ source }) => source.mirror === undefined)?.error;
  const lines = failures.flatMap(({ source: { mirror }, error }) =>
    mirror === undefined ? [] : [`mirror "${mirror}": ${error.message}`],
  );
  if (!own) throw new Error("A repository was not asked at its origin");
  if (lines.length === 0) return own;
  const message = [own.message, ...lines].join("\n");
  const details = { hint: own.hint, cause: own };
  if (own instanceof NotFoundError) return new NotFoundError("IMAGE_NOT_FOUND", message, details);
  return new KnownError("REGISTRY_MIRRORS", message, details);
}
