import type { Context } from "../base/context.ts";
import type { ImageFormat } from "../oci/convert-graph.ts";
import type { Digest } from "../oci/digest.ts";
import { parseLocation, type ImageLocation } from "../oci/image-location.ts";
import type { Platform } from "../oci/platform.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toRemoteReference } from "./local-name.ts";
import { transferImage } from "./transfer-image.ts";

export interface PushOptions {
  /** A name in a registry or a location such as `oci:DIR`; default: the name that the image has in the store. */
  readonly destination?: string | undefined;
  /** Send all platforms of an index, not the one of this machine. */
  readonly all: boolean;
  readonly platform?: Platform | undefined;
  /** Whether what is said about the image goes with it; default true. */
  readonly referrers?: boolean;
  readonly format?: ImageFormat | undefined;
  readonly compression?: "gzip" | "zstd" | undefined;
  /** Takes the name away from the store afterwards. */
  readonly removes?: boolean;
}

export interface PushedImage {
  /** Where it is now: a full name, or a location. */
  readonly reference: string;
  readonly digest: Digest;
}

/** Sends an image of the store to a registry, or to another place. What is there already is not sent again. */
export async function pushImage(
  ctx: Context,
  environment: ImageEnvironment,
  { name, destination, referrers = true, removes = false, ...options }: PushOptions & { name: string },
): Promise<PushedImage> {
  const { store } = environment;
  const found = await store.find(ctx, name);
  const pushed = await transferImage(
    ctx,
    { source: environment, destination: environment },
    {
      ...options,
      from: { transport: "store", name },
      to: toDestination(destination ?? found.name ?? name),
      referrers,
      preserveDigests: false,
    },
  );
  if (removes) await store.remove(ctx, name);
  return { reference: pushed.destination.replace(/^docker:\/\//, ""), digest: pushed.digest };
}

/** A name without a transport is that of a registry. */
function toDestination(text: string): ImageLocation {
  const location = parseLocation(text);
  return location.transport === "store" ? { transport: "docker", reference: toRemoteReference(text) } : location;
}
