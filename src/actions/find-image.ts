import type { Context } from "../base/context.ts";
import { KnownError, NotFoundError } from "../base/error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Platform } from "../oci/platform.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { pullImage } from "./pull-image.ts";
import { selectPlatform } from "./read-image.ts";

/**
 * The manifest of an image for a platform: from the store, else from its registry.
 * @throws {NotFoundError} when it is in neither, naming what was searched.
 */
export async function findImage(
  ctx: Context,
  environment: ImageEnvironment,
  { name, platform = environment.platform }: { name: string; platform?: Platform | undefined },
): Promise<Descriptor> {
  const { store } = environment;
  let missing: NotFoundError;
  try {
    const { descriptor } = await store.find(ctx, name);
    return await selectPlatform(ctx, store, { name, root: descriptor, platform });
  } catch (error) {
    if (!(error instanceof NotFoundError) || !mayBeRemote(name)) throw error;
    missing = error;
  }
  try {
    const pulled = await pullImage(ctx, environment, { name, platform, policy: "always" });
    return await store.resolve(ctx, pulled.name);
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    throw new NotFoundError("IMAGE_NOT_FOUND", `${missing.message}; ${error.message}`, {
      hint: error.hint ?? missing.hint,
      cause: error,
    });
  }
}

/** Images of `localhost` are made here: there is no registry to ask. */
function mayBeRemote(name: string): boolean {
  return !name.startsWith("localhost/");
}
