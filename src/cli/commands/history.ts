import { imageHistory, type HistoryStep } from "../../actions/image-history.ts";
import { UsageError } from "../../base/error.ts";
import { printable, renderSize, renderTable } from "../../base/text.ts";
import { hexOf } from "../../oci/digest.ts";
import { defineCommand } from "../define-command.ts";
import { renderRows } from "../go-format.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { PLATFORM_FLAGS, toPlatform } from "../platform-flags.ts";
import { renderAge, toRfc3339 } from "../relative-time.ts";

const CREATED_BY_WIDTH = 60;
const MISSING = "<missing>";

export const history = defineCommand({
  description: [
    "Shows the steps by which an image of the local store was made, the last one first. Only the image itself has an ID:",
    "what it was on the way there is kept nowhere.",
  ].join("\n"),
  examples: [
    "sealos history web:v1",
    "sealos history --no-trunc web:v1",
    "sealos history --format '{{.CreatedBy}}' web:v1",
  ],
  args: ["image"],
  flags: {
    format: { type: "string", value: "TEMPLATE", help: "Go template for each step, or json" },
    human: { type: "boolean", short: "H", default: true, help: "Show sizes and times for people" },
    "no-trunc": { type: "boolean", help: "Show IDs and instructions in full" },
    ...PLATFORM_FLAGS,
    quiet: { type: "boolean", short: "q", help: "Print IDs and nothing else" },
  },
  output: "json",
  async run(ctx, { args, flags, environment }) {
    if (flags.quiet && flags.format !== undefined) throw new UsageError("Give --quiet or --format, not both");
    const platform = toPlatform(flags, environment);
    return imageHistory(ctx, await openImageEnvironment(ctx, environment), { name: args.image, platform });
  },
  render(steps, { flags, environment }) {
    if (flags.format === "json") return JSON.stringify(steps, undefined, 4);
    const rows = steps.map((step) => toRow(step, { ...flags, now: environment.now() }));
    if (flags.format !== undefined) return renderRows(flags.format, rows);
    if (flags.quiet) return rows.map(({ ID }) => ID).join("\n");
    const cells = rows.map(({ ID, CreatedSince, CreatedAt, CreatedBy, Size, Comment }) => [
      ID,
      flags.human ? CreatedSince : CreatedAt,
      CreatedBy,
      Size,
      Comment,
    ]);
    return renderTable([["IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT"], ...cells]);
  },
});

interface RowOptions {
  readonly human: boolean;
  readonly "no-trunc": boolean;
  readonly now: Date;
}

/** One line; the fields are those of `--format`, named as other tools name them. */
function toRow(
  { id, created, createdBy, sizeBytes, comment }: HistoryStep,
  { human, now, "no-trunc": isWhole }: RowOptions,
): Readonly<Record<"ID" | "CreatedSince" | "CreatedAt" | "CreatedBy" | "Size" | "Comment", string>> {
  return {
    ID: id === undefined ? MISSING : isWhole ? id : hexOf(id).slice(0, 12),
    CreatedSince: created === undefined ? "N/A" : renderAge(created, now),
    CreatedAt: created === undefined ? "N/A" : toRfc3339(created),
    CreatedBy: isWhole ? oneLine(createdBy) : truncate(oneLine(createdBy)),
    Size: human ? renderSize(sizeBytes) : String(sizeBytes),
    Comment: oneLine(comment),
  };
}

/** Text of an image in a cell of a table. */
function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, " ").trim());
}

function truncate(text: string): string {
  return text.length > CREATED_BY_WIDTH ? `${text.slice(0, CREATED_BY_WIDTH - 1)}…` : text;
}
