import type { Context } from "../base/context.ts";
import { KnownError, NotFoundError } from "../base/error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Platform } from "../oci/platform.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { pullImage, type PullPolicy } from "./pull-image.ts";
import { selectPlatform } from "./read-image.ts";

export interface FindOptions {
  /** Default: the machine's. */
  readonly platform?: Platform | undefined;
  /** When the registry is asked for an image that is not of this machine; default `missing`. */
  readonly policy?: PullPolicy | undefined;
}

/**
 * The manifest of an image for a platform: from the store, else from its registry.
 * @throws {NotFoundError} when it is in neither, naming what was searched.
 */
export async function findImage(
  ctx: Context,
  environment: ImageEnvironment,
  { name, platform = environment.platform, policy = "missing" }: FindOptions & { name: string },
): Promise<Descriptor> {
  const { store } = environment;
  const pull = async (pullPolicy: PullPolicy): Promise<Descriptor> => {
    const pulled = await pullImage(ctx, environment, { name, platform, policy: pullPolicy });
    return store.resolve(ctx, pulled.name);
  };
  let missing: NotFoundError;
  try {
    const found = await store.find(ctx, name);
    const mayBeOld = (policy === "always" || policy === "newer") && found.name?.startsWith("localhost/") === false;
    return mayBeOld ? await pull(policy) : await selectPlatform(ctx, store, { name, root: found.descriptor, platform });
  } catch (error) {
    if (!(error instanceof NotFoundError) || policy === "never" || !mayBeRemote(name)) throw error;
    missing = error;
  }
  try {
    return await pull("always");
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
