import { findClusterImages } from "../../actions/cluster-images.ts";
import { removeImages, type RemovalRequest } from "../../actions/remove-images.ts";
import { UsageError } from "../../base/error.ts";
import { hexOf } from "../../oci/digest.ts";
import { defineCommand } from "../define-command.ts";
import { openImageEnvironment } from "../image-environment.ts";

export const rmi = defineCommand({
  description: [
    "Takes names away from images of the local store. With its last name an image goes, and the content that no other",
    "image has. An image that a cluster of this machine is made of goes with --force only.",
  ].join("\n"),
  examples: ["sealos rmi localhost/web:v1", "sealos rmi --prune"],
  args: ["[image...]"],
  flags: {
    all: { type: "boolean", short: "a", help: "Remove all images" },
    prune: { type: "boolean", short: "p", help: "Remove images without a name, and what belongs to no image" },
    force: { type: "boolean", short: "f", help: "Also an image with several names by its ID, and images of clusters" },
  },
  async run(ctx, { args, flags, environment }) {
    const request = toRequest(args.image, flags);
    const images = await openImageEnvironment(ctx, environment);
    const used = await findClusterImages(ctx, images.store, environment.settings.runtimeRoot);
    return removeImages(ctx, images, request, used);
  },
  render: ({ untagged, removed }) => [...untagged.map((name) => `untagged: ${name}`), ...removed.map(hexOf)].join("\n"),
  notes: ({ kept }) =>
    kept.map(({ cluster, name, digest }) => `Kept ${name ?? digest}: the cluster "${cluster}" is made of it`),
});

function toRequest(names: readonly string[], flags: { all: boolean; prune: boolean; force: boolean }): RemovalRequest {
  const chosen = [names.length > 0, flags.all, flags.prune].filter(Boolean).length;
  if (chosen !== 1) throw new UsageError("Name the images to remove, or give one of --all and --prune");
  if (flags.all) return { kind: "all", force: flags.force };
  return flags.prune ? { kind: "dangling" } : { kind: "named", names, force: flags.force };
}
