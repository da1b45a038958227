import type { Context } from "../base/context.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { inspectImage } from "./inspect-image.ts";

export interface HistoryStep {
  /** Of the image, at its last step; steps before made no image that is still there. */
  readonly id: Digest | undefined;
  readonly created: Date | undefined;
  /** The instruction; empty when the image does not say. */
  readonly createdBy: string;
  readonly comment: string;
  /** Of the layer as it is stored; 0 for a step that made none. */
  readonly sizeBytes: number;
}

/** How an image came to be, the last step first. Layers that the history does not mention come as steps of their own. */
export async function imageHistory(
  ctx: Context,
  environment: ImageEnvironment,
  options: { name: string; platform?: Platform | undefined },
): Promise<readonly HistoryStep[]> {
  const { id, config, manifest } = await inspectImage(ctx, environment, options);
  const layers = [...manifest.layers];
  const steps = (config.history ?? []).map(({ created, created_by, comment, empty_layer }) => ({
    id: undefined,
    created: created === undefined ? undefined : new Date(created),
    createdBy: created_by ?? "",
    comment: comment ?? "",
    sizeBytes: empty_layer === true ? 0 : (layers.shift()?.size ?? 0),
  }));
  const untold = layers.map(({ size }) => ({
    id: undefined,
    created: undefined,
    createdBy: "",
    comment: "",
    sizeBytes: size,
  }));
  return [...steps, ...untold].toReversed().map((step, index) => (index === 0 ? { ...step, id } : step));
}
