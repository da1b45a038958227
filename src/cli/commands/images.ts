import { listImages, type ImageSummary } from "../../actions/list-images.ts";
import { NotFoundError, UsageError } from "../../base/error.ts";
import { defineCommand } from "../define-command.ts";
import { renderRows } from "../go-format.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { matchesName, parseFilters } from "../image-filter.ts";
import { renderId, renderRowsTable, toDocuments, toRows, type RowOptions } from "../image-rows.ts";

export const images = defineCommand({
  description: "Lists the images of the local store, the newest first, each with all its names.",
  examples: ["sealos images", "sealos images --filter label=sealos.io.type=rootfs", "sealos images -q"],
  args: ["[name]"],
  flags: {
    all: { type: "boolean", short: "a", hidden: true, help: "Show all images: there are no intermediate ones here" },
    digests: { type: "boolean", help: "Show digests" },
    filter: {
      type: "array",
      short: "f",
      value: "NAME=VALUE",
      help: "Show what has it: after, before, dangling, digest, id, label, manifest, reference, since, until and more",
    },
    format: { type: "string", value: "TEMPLATE", help: "Go template for each line, or json" },
    json: { type: "boolean", help: "Print JSON" },
    noheading: { type: "boolean", short: "n", help: "Leave the heading out" },
    "no-trunc": { type: "boolean", help: "Show IDs in full" },
    quiet: { type: "boolean", short: "q", help: "Print each ID once and nothing else" },
    history: { type: "boolean", hidden: true, ignored: true, help: "Earlier names are not kept" },
  },
  async run(ctx, { args, flags, environment }) {
    if (flags.quiet && flags.format !== undefined) throw new UsageError("Give --quiet or --format, not both");
    if (flags.all && args.name !== undefined) throw new UsageError("Give --all or a name, not both");
    const isNamed = args.name === undefined ? () => true : matchesName(args.name);
    const found = await listImages(ctx, await openImageEnvironment(ctx, environment));
    const isWanted = parseFilters(flags.filter, { images: found, now: environment.now() });
    const named = found.filter(isNamed);
    if (args.name !== undefined && named.length === 0) {
      throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find image "${args.name}" in the store`, {
        hint: "`sealos images` lists all that are there",
      });
    }
    const listed = named.filter(isWanted);
    const options = { isTruncated: !flags["no-trunc"], now: environment.now() };
    return renderList(listed, { ...options, ...flags });
  },
  render: (text) => text,
});

interface ListOptions extends RowOptions {
  readonly digests: boolean;
  readonly format: string | undefined;
  readonly json: boolean;
  readonly noheading: boolean;
  readonly quiet: boolean;
}

async function renderList(list: readonly ImageSummary[], options: ListOptions): Promise<string> {
  if (options.json || options.format === "json") return JSON.stringify(toDocuments(list, options), undefined, 4);
  if (options.quiet) return [...new Set(list.map((image) => renderId(image, options)))].join("\n");
  const rows = toRows(list, options);
  if (options.format !== undefined) return renderRows(options.format, rows);
  return renderRowsTable(rows, { digests: options.digests, heading: !options.noheading });
}
