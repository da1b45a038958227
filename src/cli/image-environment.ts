import type { ImageEnvironment } from "../actions/image-environment.ts";
import type { Context } from "../base/context.ts";
import { lazily } from "../base/lazily.ts";
import type { Environment } from "./environment.ts";
import { DEFAULT_REGISTRY_OPTIONS, type RegistryOptions } from "./registry-flags.ts";

/** Opens the image store; what registries need is loaded and read when one is asked. */
export async function openImageEnvironment(
  ctx: Context,
  environment: Environment,
  options: RegistryOptions = DEFAULT_REGISTRY_OPTIONS,
): Promise<ImageEnvironment> {
  const { ImageStore } = await import("../store/image-store.ts");
  const { settings } = environment;
  const store = await ImageStore.open(ctx, settings.storeRoot);
  environment.closeAtEnd(store);
  const registries = lazily(async () => {
    const { openRegistries } = await import("./open-registries.ts");
    const opened = await openRegistries(options, settings);
    environment.closeAtEnd(opened);
    return opened;
  });

  return {
    store,
    platform: settings.platform,
    async findStorageRoots() {
      const { findStorageRoots } = await import("./storage-roots.ts");
      return findStorageRoots(settings);
    },
    async listTags(inner, { registry, repository }) {
      const { listTags } = await import("../registry/client/lists.ts");
      return listTags(inner, (await registries()).openRegistry(registry), repository);
    },
    meaningsOf: async (name) => (await registries()).meaningsOf(name),
    openRepository: async (reference) => (await registries()).openRepository(reference),
    openDestination: async (reference) => (await registries()).openDestination(reference),
  };
}
