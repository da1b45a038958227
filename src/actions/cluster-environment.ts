import type { ImageEnvironment } from "./image-environment.ts";

/** What the cluster actions need of the operator's machine. */
export interface ClusterEnvironment extends ImageEnvironment {
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
