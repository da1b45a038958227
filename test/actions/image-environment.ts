import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ImageEnvironment } from "../../src/actions/image-environment.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import { MemoryStore } from "../support/memory-store.ts";

/** A store in a temporary folder, and registries in memory: one repository for each name without its tag. */
export interface TestImageEnvironment extends ImageEnvironment, AsyncDisposable {
  readonly repositories: ReadonlyMap<string, MemoryStore>;
  repository(name: string): MemoryStore;
}

export async function openTestEnvironment(): Promise<TestImageEnvironment> {
  const root = await mkdtemp(join(tmpdir(), "actions-test-"));
  const store = await ImageStore.open(backgroundContext(), join(root, "images"));
  const repositories = new Map<string, MemoryStore>();
  const repository = (name: string): MemoryStore => {
    const found = repositories.get(name) ?? new MemoryStore();
    repositories.set(name, found);
    return found;
  };
  return {
    store,
    platform: { os: "linux", architecture: "amd64" },
    openRepository: async (reference) => repository(`${reference.registry}/${reference.repository}`),
    repositories,
    repository,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true });
    },
  };
}
