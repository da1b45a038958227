import type { Context } from "../base/context.ts";
import { KnownError, NotFoundError } from "../base/error.ts";
import type { ImageReader } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { renderReference, selectorOf, type Reference } from "../oci/reference.ts";
import type { ImageEnvironment } from "./image-environment.ts";

/** An image that a registry has. */
export interface RemoteImage {
  readonly reference: Reference;
  readonly source: ImageReader;
  readonly root: Descriptor;
}

/**
 * Asks registries for an image, one after the other as long as they do not have it or cannot be asked.
 * @param meanings of its name, see {@link ImageEnvironment.meaningsOf}
 * @throws {KnownError} the registry's own when there is one only, else one that names all.
 */
export async function resolveRemote(
  ctx: Context,
  environment: Pick<ImageEnvironment, "openRepository">,
  meanings: readonly Reference[],
): Promise<RemoteImage> {
  const errors: KnownError[] = [];
  for (const reference of meanings) {
    try {
      const source = await environment.openRepository(reference);
      return { reference, source, root: await source.resolve(ctx, selectorOf(reference)) };
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (!(error instanceof KnownError)) throw error;
      errors.push(error);
    }
  }
  throw toError(meanings, errors);
}

function toError(meanings: readonly Reference[], errors: readonly KnownError[]): KnownError {
  const [first] = errors;
  if (first && errors.length === 1) return first;
  const message = `Cannot find any of ${meanings.map(renderReference).join(", ")}:`;
  const lines = [message, ...errors.map((error) => error.message)].join("\n");
  const details = { hint: "Write the registry before the name", cause: first };
  const isNowhere = errors.every((error) => error instanceof NotFoundError);
  return isNowhere
    ? new NotFoundError("IMAGE_NOT_FOUND", lines, details)
    : new KnownError("REGISTRY_SEARCH", lines, details);
}
