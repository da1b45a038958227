import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { backgroundContext } from "../../src/base/context.ts";
import { ImageStore } from "../../src/store/image-store.ts";
import { describeImageTarget } from "../support/content-store-contract.ts";
import { MemoryStore } from "../support/memory-store.ts";

describeImageTarget("MemoryStore", async () => ({ store: new MemoryStore(), close: async () => {} }));

describeImageTarget("ImageStore", async () => {
  const root = await mkdtemp(join(tmpdir(), "sealos-test-store-"));
  const store = await ImageStore.open(backgroundContext(), root);
  return { store, close: () => rm(root, { recursive: true }) };
});
