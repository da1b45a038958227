import type { Context } from "../base/context.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Platform } from "../oci/platform.ts";
import type { ImageStore } from "../store/image-store.ts";
import type { FileTree } from "./context/file-tree.ts";
import type { ImageBill } from "./image-cache/image-bill.ts";
import type { RemoteSources } from "./remote/remote-sources.ts";
import type { RunSettings } from "./run/run-settings.ts";
import type { LayerWriter } from "./write-layers.ts";

/** What a build needs of its surroundings. */
export interface BuildEnvironment {
  readonly store: ImageStore;
  /** What brings layers into that store; default one without a cache. */
  readonly layers?: LayerWriter;
  /** What COPY without --from sees: see `openBuildContext`. */
  readonly context: FileTree;
  /** Of the container images that the context's `registry` folder has from the image cache; see `cacheImages`. */
  readonly bill?: ImageBill | undefined;
  /** What was found while the context was prepared. */
  readonly notes?: readonly string[];
  /** Additional folders for `COPY --from=NAME`. */
  readonly buildContexts: ReadonlyMap<string, FileTree>;
  /** Where ADD gets files and repositories of other hosts from; absent for a build that has no network. */
  readonly remote?: RemoteSources | undefined;
  /** What RUN may use; default: the usual. */
  readonly commands?: RunSettings | undefined;
  /** The manifest of an image for a platform; afterwards the store has all of it. */
  readonly findImage: (ctx: Context, name: string, platform: Platform) => Promise<Descriptor>;
}
