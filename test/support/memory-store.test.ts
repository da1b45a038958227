import { describeContentStore } from "./content-store-contract.ts";
import { MemoryStore } from "./memory-store.ts";

describeContentStore("MemoryStore", () =>
  Promise.resolve({ store: new MemoryStore(), close: () => Promise.resolve() }),
);
