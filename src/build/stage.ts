import type { LayerEntry } from "../archive/tar-entry.ts";
import type { Context } from "../base/context.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { HistoryEntry, ImageConfig } from "../oci/image-config.ts";
import type { MemoryTree } from "./context/memory-tree.ts";
import type { StageState } from "./stage-state.ts";

/** A layer of a stage: of its base image, or one that the build will write. */
export type StageLayer =
  | { readonly kind: "stored"; readonly descriptor: Descriptor; readonly diffId: Digest }
  | { readonly kind: "planned"; readonly title: string; readonly entries: readonly LayerEntry[] };

/** What a stage comes to, all of it known before a byte is written. */
export interface Stage {
  readonly state: StageState;
  readonly layers: readonly StageLayer[];
  readonly history: readonly HistoryEntry[];
  /** Fields that the result takes over: platform and what else its base has. */
  readonly image: ImageConfig;
  /** The image that it begins with, as annotations say it; absent: none, or nobody knows its name. */
  readonly base?: Readonly<Record<string, string>> | undefined;
  /** The base image's manifest while the stage adds nothing to it. */
  readonly manifest: Descriptor | undefined;
  /** Opened when it is needed: reading an image for the first time takes a while. */
  readonly openTree: (ctx: Context) => Promise<MemoryTree>;
}
