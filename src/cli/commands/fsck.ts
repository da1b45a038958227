import { checkLocalStore } from "../../actions/check-store.ts";
import { renderSize } from "../../base/text.ts";
import { defineCommand } from "../define-command.ts";
import { openImageEnvironment } from "../image-environment.ts";

export const fsck = defineCommand({
  description: [
    "Reads everything in the local store, compares it with its digest and follows every reference. What is damaged or",
    "missing is listed with the images that it belongs to; then the exit code is 1. --repair removes damaged files, so",
    "that pulling, loading or building the listed images again makes them whole.",
  ].join("\n"),
  examples: ["sealos fsck", "sealos fsck --repair"],
  flags: { repair: { type: "boolean", default: false, help: "Remove what is damaged" } },
  output: "json",
  run: async (ctx, { flags, environment }) =>
    checkLocalStore(ctx, await openImageEnvironment(ctx, environment), { repair: flags.repair }),
  exitCode: ({ damages, damagedCache, isRepaired }) =>
    damages.length + damagedCache.length > 0 && !isRepaired ? 1 : 0,
  render: ({ blobs, bytes, damages, damagedCache, isRepaired, affected }) => {
    const removed = isRepaired ? "; removed" : "";
    return [
      ...damages.map(({ digest, problem, images }) => {
        return `${digest}: ${problem}; of ${images.join(", ") || "no image"}${problem === "it is missing" ? "" : removed}`;
      }),
      ...damagedCache.map((name) => `${name}: an unpacked layer is damaged, it is made again when needed${removed}`),
      `${blobs} blobs, ${renderSize(bytes)}: ${damages.length + damagedCache.length} problems`,
      ...(affected.length === 0 ? [] : [`Pull, load or build again: ${affected.join(" ")}`]),
    ].join("\n");
  },
});
