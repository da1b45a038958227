import type { Context } from "../base/context.ts";
import type { ImageTarget } from "../oci/content.ts";
import { listRepositories, listTags } from "../registry/client/lists.ts";
import type { RemoteRegistry } from "../registry/client/remote-registry.ts";
import { RemoteRepository } from "../registry/client/remote-repository.ts";
import { RegistryFolder } from "../registry/storage/filesystem.ts";

/** Where images are taken from or put: a registry, or a folder with a registry's content. */
export interface RegistryEnd {
  /** For people. */
  readonly name: string;
  listRepositories(ctx: Context): Promise<readonly string[]>;
  /** None when there is no such repository. */
  listTags(ctx: Context, repository: string): Promise<readonly string[]>;
  openRepository(name: string): ImageTarget;
}

/** True for what is written like a path; everything else is the host and port of a registry. */
export function isFolderName(text: string): boolean {
  return text === "." || text === ".." || /^(?:\.{0,2}\/)/.test(text);
}

export function folderEnd(folder: string): RegistryEnd {
  const content = new RegistryFolder(folder);
  return {
    name: folder,
    listRepositories: (ctx) => content.listRepositories(ctx),
    listTags: async (_, repository) => (await content.repository(repository).listTags()) ?? [],
    openRepository: (name) => content.repository(name),
  };
}

export function remoteEnd(registry: RemoteRegistry): RegistryEnd {
  return {
    name: registry.name,
    listRepositories: (ctx) => listRepositories(ctx, registry),
    listTags: (ctx, repository) => listTags(ctx, registry, repository),
    openRepository: (name) => new RemoteRepository(registry, name),
  };
}
