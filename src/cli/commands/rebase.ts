import { rebaseImage } from "../../actions/rebase-image.ts";
import { UsageError } from "../../base/error.ts";
import { hexOf } from "../../oci/digest.ts";
import { defineCommand } from "../define-command.ts";
import { QUIET_FLAG } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { PLATFORM_FLAGS, toPlatform } from "../platform-flags.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";

export const rebase = defineCommand({
  description: [
    "Puts an image's own layers on another base, without building: only its manifest and configuration are written.",
    "What the image set in its configuration stays; what it had from its base comes from the new one. The old base is",
    "what the image's annotations org.opencontainers.image.base.* say, or the image of the local store whose layers it",
    "begins with. An image with layers that a command (RUN) made is refused: their files may depend on the base.",
  ].join("\n"),
  examples: ["sealos rebase web:v1 --onto debian:12.9 --old-base debian:12.8 -t web:v1.1"],
  args: ["image"],
  flags: {
    onto: { type: "string", value: "IMAGE", help: "The new base" },
    "old-base": { type: "string", value: "IMAGE", help: "The base that the image is built on" },
    tag: { type: "array", short: "t", value: "NAME", help: "Name of the new image; repeatable" },
    force: { type: "boolean", short: "f", help: "Also when commands made some of its layers" },
    ...PLATFORM_FLAGS,
    ...QUIET_FLAG,
    ...REGISTRY_FLAGS,
  },
  output: "json",
  async run(ctx, { args, flags, environment }) {
    if (flags.onto === undefined)
      throw new UsageError("Missing flag --onto", { hint: "Name the new base with --onto" });
    return rebaseImage(ctx, await openImageEnvironment(ctx, environment, flags), {
      name: args.image,
      onto: flags.onto,
      oldBase: flags["old-base"],
      tags: flags.tag,
      force: flags.force,
      platform: toPlatform(flags, environment),
    });
  },
  render: ({ id }) => hexOf(id),
  notes: ({ oldBase, keptLayers }) => [`Took the place of ${oldBase}; layers of the image's own: ${keptLayers}`],
});
