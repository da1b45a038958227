import type { Context } from "../base/context.ts";
import type { BuildPlan, PlanOptions } from "../build/build-plan.ts";
import { planBuild } from "../build/plan.ts";
import { parseKubefile } from "../kubefile/parse.ts";
import { renderPlatform, type Platform } from "../oci/platform.ts";
import { basePlatforms } from "./base-platforms.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import type { KubefileSource } from "./locate-kubefile.ts";

/** What an image is to be; see {@link PlanOptions}. */
export interface ImageSpecification extends Pick<PlanOptions, OptionName> {
  readonly kubefile: KubefileSource;
  readonly buildContexts: Readonly<Record<string, string>>;
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Several make an index; default: the machine's. `all`: those of the base image. */
  readonly platforms?: readonly Platform[] | "all" | undefined;
}

type OptionName =
  | "target"
  | "epoch"
  | "compression"
  | "unsetEnvironment"
  | "format"
  | "squash"
  | "omitHistory"
  | "osVersion"
  | "osFeatures"
  | "baseImage"
  | "imageContexts"
  | "keepsUnusedStages";

/** What a build for one platform does. @throws {KubefileError} */
export function planImage(
  { platform: buildPlatform }: ImageEnvironment,
  specification: ImageSpecification & { readonly platform: Platform },
): BuildPlan {
  const { kubefile, buildContexts } = specification;
  return planBuild(parseKubefile(kubefile.text, kubefile.name, kubefile.files), {
    ...specification,
    buildPlatform,
    buildContexts: Object.keys(buildContexts),
  });
}

/** Each platform once, at least one. */
export async function choosePlatforms(
  ctx: Context,
  environment: ImageEnvironment,
  specification: ImageSpecification,
): Promise<readonly Platform[]> {
  const { platforms = [] } = specification;
  if (platforms === "all") {
    const { platform } = environment;
    return basePlatforms(ctx, environment, planImage(environment, { ...specification, platform }));
  }
  const different = new Map(platforms.map((platform) => [renderPlatform(platform), platform]));
  return different.size === 0 ? [environment.platform] : [...different.values()];
}
