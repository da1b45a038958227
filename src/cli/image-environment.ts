import type { ImageEnvironment } from "../actions/image-environment.ts";
import type { Context } from "../base/context.ts";
import type { Environment } from "./environment.ts";
import { DEFAULT_REGISTRY_OPTIONS, type RegistryOptions } from "./registry-flags.ts";

/** Opens the image store; what registries need is read when one is asked. */
export async function openImageEnvironment(
  ctx: Context,
  environment: Environment,
  registries: RegistryOptions = DEFAULT_REGISTRY_OPTIONS,
): Promise<ImageEnvironment> {
  const { ImageStore } = await import("../store/image-store.ts");
  const { settings } = environment;
  const store = await ImageStore.open(ctx, settings.storeRoot);
  environment.closeAtEnd(store);
  return {
    store,
    platform: settings.platform,
    openRepository: (reference) => {
      throw new Error(`No registry client yet for ${reference.registry} (TLS: ${registries["tls-verify"]})`);
    },
  };
}
