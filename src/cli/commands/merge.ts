import { mergeImages, type MergeConflict } from "../../actions/merge-images.ts";
import { UsageError } from "../../base/error.ts";
import { hexOf } from "../../oci/digest.ts";
import { defineCommand } from "../define-command.ts";
import { QUIET_FLAG } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { PLATFORM_FLAGS, toPlatform } from "../platform-flags.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";

const SHOWN_CONFLICTS = 20;

export const merge = defineCommand({
  description: [
    "Makes one image out of several. Files, labels and environment are united, and where images differ the later one",
    "wins; each such path is reported. Commands are run one after the other. A rootfs image makes the result one: its",
    "commands then run on every host. Layers are shared with the images, not copied.",
  ].join("\n"),
  examples: ["sealos merge -t localhost/all:v1 kubernetes:v1.36.3 flannel:v0.27.4 helm:v3.19.0"],
  args: ["image..."],
  flags: {
    tag: { type: "array", short: "t", value: "NAME", help: "Name of the new image (required)" },
    ...PLATFORM_FLAGS,
    ...QUIET_FLAG,
    ...REGISTRY_FLAGS,
  },
  output: "json",
  async run(ctx, { args, flags, environment }) {
    if (flags.tag.length === 0) throw new UsageError("Cannot merge images: --tag names no image");
    if (args.image.length < 2) throw new UsageError("Cannot merge images: expected two or more");
    const images = await openImageEnvironment(ctx, environment, flags);
    const platform = toPlatform(flags, environment);
    return mergeImages(ctx, images, { images: args.image, tags: flags.tag, platform });
  },
  render: ({ id }) => hexOf(id),
  notes: ({ conflicts }) => renderConflicts(conflicts),
});

function renderConflicts(conflicts: readonly MergeConflict[]): readonly string[] {
  const lines = conflicts
    .slice(0, SHOWN_CONFLICTS)
    .map(({ path, lost, kept }) => `Conflict: "${path}" of ${kept} replaces that of ${lost}`);
  const rest = conflicts.length - lines.length;
  return rest > 0 ? [...lines, `Conflict: ${rest} more; --output json has them all`] : lines;
}
