import { findClusterImages } from "../../actions/cluster-images.ts";
import { pruneStore, storeUsage } from "../../actions/prune-store.ts";
import { renderSize, renderTable } from "../../base/text.ts";
import { hexOf } from "../../oci/digest.ts";
import { defineCommand } from "../define-command.ts";
import { openImageEnvironment } from "../image-environment.ts";

export const prune = defineCommand({
  description: [
    "Removes images without a name from the local store, and content that no image has. What another process uses",
    "stays, and so do images that clusters of this machine are made of.",
  ].join("\n"),
  examples: ["sealos prune"],
  output: "json",
  async run(ctx, { environment }) {
    const images = await openImageEnvironment(ctx, environment);
    return pruneStore(ctx, images, await findClusterImages(ctx, images.store, environment.settings.runtimeRoot));
  },
  render: ({ removed, freedBytes }) => `Removed ${removed.length} blobs: ${renderSize(freedBytes)}`,
});

export const du = defineCommand({
  description: [
    "Shows how much space the images of the local store take. UNIQUE is what removing the image would free, CLUSTERS are",
    "those of this machine that are made of it. Below the images: all blobs, what is kept unpacked so that images open fast, and what `sealos prune` would free.",
  ].join("\n"),
  examples: ["sealos du", "sealos du -o json"],
  output: "json",
  async run(ctx, { environment }) {
    const images = await openImageEnvironment(ctx, environment);
    return storeUsage(ctx, images, await findClusterImages(ctx, images.store, environment.settings.runtimeRoot));
  },
  render: ({ images, blobBytes, cacheBytes, unusedBytes }) => {
    const rows = images
      .toSorted((a, b) => b.uniqueBytes - a.uniqueBytes)
      .map(({ digest, names, sizeBytes, uniqueBytes, clusters }) => [
        hexOf(digest).slice(0, 12),
        renderSize(sizeBytes),
        renderSize(uniqueBytes),
        clusters.join(" ") || "-",
        names.join(" ") || "<none>",
      ]);
    const sums = `Blobs ${renderSize(blobBytes)}, unpacked ${renderSize(cacheBytes)}, unused ${renderSize(unusedBytes)}`;
    return `${renderTable([["DIGEST", "SIZE", "UNIQUE", "CLUSTERS", "NAMES"], ...rows])}\n${sums}`;
  },
});
