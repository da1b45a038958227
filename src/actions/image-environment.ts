import type { Context } from "../base/context.ts";
import type { ImageTarget } from "../oci/content.ts";
import type { Platform } from "../oci/platform.ts";
import type { Reference } from "../oci/reference.ts";
import type { ImageStore } from "../store/image-store.ts";

/** What the image actions need of the operator's machine. */
export interface ImageEnvironment {
  readonly store: ImageStore;
  /** The repository of a reference, wherever its registry is. Nothing is connected before it is used. */
  readonly openRepository: (reference: Reference) => Promise<ImageTarget>;
  /** The tags of a reference's repository. */
  readonly listTags?: (ctx: Context, reference: Reference) => Promise<readonly string[]>;
  /** What images are for when nothing else is said. */
  readonly platform: Platform;
  /** Where podman and buildah may keep images. */
  readonly findStorageRoots?: () => Promise<readonly string[]>;
}
