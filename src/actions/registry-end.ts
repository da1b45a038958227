import type { Context } from "../base/context.ts";
import type { ImageReader, ImageTarget } from "../oci/content.ts";
import { listRepositories, listTags } from "../registry/client/lists.ts";
import type { RemoteRegistry } from "../registry/client/remote-registry.ts";
import { RegistryFolder } from "../registry/storage/filesystem.ts";

/** Where images are taken from or put: a registry, or a folder with a registry's content. */
export interface RegistryEnd {
  /** For people. */
  readonly name: string;
  listRepositories(ctx: Context): Promise<readonly string[]>;
  /** None when there is no such repository. */
  listTags(ctx: Context, repository: string): Promise<readonly string[]>;
  /** To read. */
  openSource(repository: string): ImageReader;
  /** To write. */
  openDestination(repository: string): ImageTarget;
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
    openSource: (name) => content.repository(name),
    openDestination: (name) => content.repository(name),
  };
}

export function remoteEnd(
  registry: RemoteRegistry,
  repositories: Pick<RegistryEnd, "openSource" | "openDestination">,
): RegistryEnd {
  return {
    ...repositories,
    name: registry.name,
    listRepositories: (ctx) => listRepositories(ctx, registry),
    listTags: (ctx, repository) => listTags(ctx, registry, repository),
  };
}
