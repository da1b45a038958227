import type { Digest } from "./digest.ts";
import type { Platform } from "./platform.ts";

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md. Unknown fields survive a round trip. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly data?: string;
  readonly artifactType?: string;
  readonly platform?: Platform;
}
