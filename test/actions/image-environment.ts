import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import type { BuildRequest } from "../../src/actions/build-image.ts";
import type { ImageEnvironment } from "../../src/actions/image-environment.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { parseReference } from "../../src/oci/reference.ts";
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
    meaningsOf: async (name) => [parseReference(name)],
    openRepository: async (reference) => repository(`${reference.registry}/${reference.repository}`),
    openDestination: async (reference) => repository(`${reference.registry}/${reference.repository}`),
    repositories,
    repository,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Adds files to a build context that lives as long as the environment. @returns the folder */
export async function writeContext(
  { store }: TestImageEnvironment,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = join(store.root, "../context");
  await mkdir(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** A build that asks for nothing special. */
export function buildRequest(contextDirectory: string, kubefile: string): BuildRequest {
  return {
    kubefile: { name: "Kubefile", text: kubefile, path: undefined },
    contextDirectory,
    buildContexts: {},
    tags: ["web:v1"],
    buildArguments: {},
    labels: {},
    environment: {},
    annotations: {},
    savesImages: true,
    policy: "missing",
  };
}
