import { mapLimit } from "../base/concurrency.ts";
import type { Context } from "../base/context.ts";
import { InputError, NotFoundError } from "../base/error.ts";
import { renderReference } from "../oci/reference.ts";
import { isReferrerTag } from "../oci/referrers.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { withoutTransport } from "./local-name.ts";
import { pullImage, type PulledImage, type PullOptions } from "./pull-image.ts";

/** Pulls every tag of a repository. @param name of the repository, without a tag. */
export async function pullAllTags(
  ctx: Context,
  environment: ImageEnvironment,
  { name, ...options }: PullOptions & { name: string },
): Promise<readonly PulledImage[]> {
  const [reference] = await environment.meaningsOf(withoutTransport(name));
  if (/@|:[^/:]+$/.test(name.replace(/^docker:/, ""))) {
    throw new InputError(`Cannot pull all tags of "${name}": it names one`, { hint: "Leave the tag out" });
  }
  const tags = (await environment.listTags?.(ctx, reference)) ?? [];
  const images = tags.filter((tag) => !isReferrerTag(tag));
  if (images.length === 0) {
    throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find "${name}": the registry lists no tag of it`, {
      hint: "Check the name",
    });
  }
  const { registry, repository } = reference;
  return mapLimit(ctx, { items: images, limit: 4 }, (inner, tag) =>
    pullImage(inner, environment, { ...options, name: renderReference({ registry, repository, tag }) }),
  );
}
