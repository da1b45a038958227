import { removeImages, type RemovalRequest } from "../../actions/remove-images.ts";
import { UsageError } from "../../base/error.ts";
import { hexOf } from "../../oci/digest.ts";
import { defineCommand } from "../define-command.ts";
import { openImageEnvironment } from "../image-environment.ts";

export const rmi = defineCommand({
  description: [
    "Takes names away from images of the local store. With its last name an image goes, and the content that no other",
    "image has.",
  ].join("\n"),
  examples: ["sealos rmi localhost/web:v1", "sealos rmi --prune"],
  args: ["[image...]"],
  flags: {
    all: { type: "boolean", short: "a", help: "Remove all images" },
    prune: { type: "boolean", short: "p", help: "Remove images without a name, and what belongs to no image" },
    force: { type: "boolean", short: "f", help: "Remove an image given by its ID although it has several names" },
  },
  async run(ctx, { args, flags, environment }) {
    const request = toRequest(args.image, flags);
    return removeImages(ctx, await openImageEnvironment(ctx, environment), request);
  },
  render: ({ untagged, removed }) => [...untagged.map((name) => `untagged: ${name}`), ...removed.map(hexOf)].join("\n"),
});

function toRequest(names: readonly string[], flags: { all: boolean; prune: boolean; force: boolean }): RemovalRequest {
  const chosen = [names.length > 0, flags.all, flags.prune].filter(Boolean).length;
  if (chosen !== 1) throw new UsageError("Name the images to remove, or give one of --all and --prune");
  if (flags.all) return { kind: "all" };
  return flags.prune ? { kind: "dangling" } : { kind: "named", names, force: flags.force };
}
