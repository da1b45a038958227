import { runTask, type Context } from "../base/context.ts";
import { copyGraph } from "../oci/copy-graph.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";
import { renderReference } from "../oci/reference.ts";
import { BLOB_RETRY } from "../registry/client/remote-registry.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toRemoteReference } from "./local-name.ts";
import { selectPlatform } from "./read-image.ts";

export interface PushOptions {
  /** Default: the name that the image has in the store. */
  readonly destination?: string | undefined;
  /** Send all platforms of an index, not the one of this machine. */
  readonly all: boolean;
  readonly platform?: Platform | undefined;
}

export interface PushedImage {
  readonly reference: string;
  readonly digest: Digest;
}

/** Sends an image to a registry. What is there already is not sent again. */
export async function pushImage(
  ctx: Context,
  environment: ImageEnvironment,
  { name, destination, all, platform = environment.platform }: PushOptions & { name: string },
): Promise<PushedImage> {
  const { store } = environment;
  const found = await store.find(ctx, name);
  const reference = toRemoteReference(destination ?? found.name ?? name);
  const target = await environment.openRepository(reference);
  const root = all ? found.descriptor : await selectPlatform(ctx, store, { name, root: found.descriptor, platform });
  await runTask(ctx, `Push ${renderReference(reference)}`, async (inner) => {
    await copyGraph(inner, { from: store, to: target, root }, { retry: BLOB_RETRY });
    if (reference.tag !== undefined) await target.tag(inner, root, reference.tag);
  });
  return { reference: renderReference(reference), digest: root.digest };
}
