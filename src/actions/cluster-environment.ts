import type { Context } from "../base/context.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { ImageStore } from "../store/image-store.ts";

/** What the cluster actions need of the operator's machine. */
export interface ClusterEnvironment {
  readonly store: ImageStore;
  /** Finds an image in the store, else pulls it; the manifest for the hosts' platform. */
  readonly findImage: (ctx: Context, name: string) => Promise<Descriptor>;
  /** Where clusters are remembered: `~/.sealos`. */
  readonly runtimeRoot: string;
  /** Where hosts keep a cluster: `/var/lib/sealos`. */
  readonly dataRoot: string;
  /** Of sealos. */
  readonly version: string;
  /** Effective user of this process. */
  readonly userId: number;
  readonly now: () => Date;
}
