import type { Context } from "../base/context.ts";
import { NotFoundError } from "../base/error.ts";
import type { Span } from "../kubefile/source.ts";
import { placeOf } from "../kubefile/source.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Platform } from "../oci/platform.ts";
import type { StageRun } from "./stage-run.ts";

/** Finds an image that an instruction names. @throws {NotFoundError} that also says where it is named */
export async function findImageAt(
  ctx: Context,
  { name, platform, span }: { name: string; platform: Platform; span: Span },
  { plan, environment }: StageRun,
): Promise<Descriptor> {
  try {
    return await environment.findImage(ctx, name, platform);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const { file, line, column } = placeOf(plan.source, span.start);
    throw new NotFoundError("IMAGE_NOT_FOUND", `${file}:${line}:${column}: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
  }
}
