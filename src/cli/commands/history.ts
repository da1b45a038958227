import { imageHistory } from "../../actions/image-history.ts";
import { printable, renderSize, renderTable } from "../../base/text.ts";
import { parsePlatform } from "../../oci/platform.ts";
import { defineCommand } from "../define-command.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { renderAge } from "../relative-time.ts";

const CREATED_BY_WIDTH = 60;

export const history = defineCommand({
  description: "Shows the steps by which an image of the local store was made, the last one first.",
  examples: ["sealos history web:v1", "sealos history --no-trunc web:v1"],
  args: ["image"],
  flags: {
    "no-trunc": { type: "boolean", help: "Show instructions in full" },
    platform: { type: "string", value: "OS/ARCH", help: "Which image of an index; default: that of this machine" },
  },
  output: "json",
  async run(ctx, { args, flags, environment }) {
    const platform = flags.platform === undefined ? undefined : parsePlatform(flags.platform);
    return imageHistory(ctx, await openImageEnvironment(ctx, environment), { name: args.image, platform });
  },
  render: (steps, { flags, environment }) => {
    const now = environment.now();
    const rows = steps.map(({ created, createdBy, sizeBytes, comment }) => [
      created === undefined ? "N/A" : renderAge(created, now),
      renderSize(sizeBytes),
      flags["no-trunc"] ? oneLine(createdBy) : truncate(oneLine(createdBy)),
      oneLine(comment),
    ]);
    return renderTable([["CREATED", "SIZE", "CREATED BY", "COMMENT"], ...rows]);
  },
});

/** Text of an image in a cell of a table. */
function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, " ").trim());
}

function truncate(text: string): string {
  return text.length > CREATED_BY_WIDTH ? `${text.slice(0, CREATED_BY_WIDTH - 1)}…` : text;
}
