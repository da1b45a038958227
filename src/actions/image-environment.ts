import type { Context } from "../base/context.ts";
import type { ImageReader, ImageTarget } from "../oci/content.ts";
import type { Platform } from "../oci/platform.ts";
import type { Reference } from "../oci/reference.ts";
import type { ImageStore } from "../store/image-store.ts";

/** What the image actions need of the operator's machine. */
export interface ImageEnvironment {
  readonly store: ImageStore;
  /**
   * What a name may mean to registries, the likeliest first: of a name without a registry, one for each that is searched.
   * @throws {KnownError} INVALID_REFERENCE
   */
  readonly meaningsOf: (name: string) => Promise<readonly [Reference, ...Reference[]]>;
  /** The repository of a reference to read from, mirrors included. Nothing is connected before it is used. */
  readonly openRepository: (reference: Reference) => Promise<ImageReader>;
  /** The repository of a reference to write to. */
  readonly openDestination: (reference: Reference) => Promise<ImageTarget>;
  /** The tags of a reference's repository. */
  readonly listTags?: (ctx: Context, reference: Reference) => Promise<readonly string[]>;
  /** What images are for when nothing else is said. */
  readonly platform: Platform;
  /** Where podman and buildah may keep images. */
  readonly findStorageRoots?: () => Promise<readonly string[]>;
}
