import { pruneRegistryFolder } from "../../actions/prune-registry-folder.ts";
import { UsageError } from "../../base/error.ts";
import { renderSize } from "../../base/text.ts";
import { defineCommand } from "../define-command.ts";

export const prune = defineCommand({
  description: [
    "Removes layers, configurations and unfinished uploads that no image of the folder needs. A server may run beside",
    "it: what is younger than --older-than, or was asked for since, stays.",
  ].join("\n"),
  examples: ["sealos registry prune ./registry", "sealos registry prune ./registry --untagged --older-than 24"],
  args: ["folder"],
  flags: {
    untagged: { type: "boolean", help: "Also remove images that no tag leads to; what is pulled by digest goes too" },
    "older-than": {
      type: "integer",
      value: "HOURS",
      default: 1,
      help: "Leave what is younger; 0 only when nobody else uses the folder",
    },
  },
  output: "json",
  async run(ctx, { args, flags, environment }) {
    const hours = flags["older-than"];
    if (hours < 0) throw new UsageError(`Cannot prune what is older than ${hours} hours: expected 0 or more`);
    const before = new Date(environment.now().getTime() - hours * 3_600_000);
    return pruneRegistryFolder(ctx, args.folder, { before, untagged: flags.untagged });
  },
  render: ({ removed, untagged, uploads, freedBytes }) =>
    `Removed ${removed.length} blobs, ${untagged} images, ${uploads} uploads: ${renderSize(freedBytes)}`,
});
