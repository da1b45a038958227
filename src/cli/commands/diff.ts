import { diffImages, type ImageDifference } from "../../actions/diff-images.ts";
import { patchImage } from "../../actions/patch-image.ts";
import { saveImages } from "../../actions/save-images.ts";
import type { LayerCompression } from "../../archive/compression.ts";
import { UsageError } from "../../base/error.ts";
import { printable, renderTable } from "../../base/text.ts";
import { hexOf } from "../../oci/digest.ts";
import { defineCommand } from "../define-command.ts";
import type { FlagSpecs, FlagValues } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";

const DIFF_FLAGS = {
  output: {
    type: "string",
    short: "o",
    value: "FORMAT|FILE",
    default: "text",
    help: "text, table or json; with --patch the file to write",
  },
  patch: { type: "boolean", help: "Make a patch out of what is new in NEW" },
  tag: { type: "array", short: "t", value: "NAME", help: "With --patch: make an image of that name" },
  save: { type: "boolean", help: "With --patch and --tag: write the image to the file of --output" },
  "diff-type": { type: "string", choices: ["image", "all", "container"], hidden: true, ignored: true, help: "Images" },
} as const satisfies FlagSpecs;

export const diff = defineCommand({
  description: [
    "Lists the paths by which the files of two images differ. Images that are not here are pulled.",
    "With --patch, what NEW has and OLD has not becomes a tar file, packed as its name says (.gz, .zst), or a patch image",
    "that brings a cluster made of OLD to the files of NEW. Paths that are gone stand in the tar file as whiteouts; a",
    "patch image does not take them away.",
  ].join("\n"),
  examples: [
    "sealos diff web:v1 web:v2",
    "sealos diff -o json web:v1 web:v2",
    "sealos diff --patch -t kubernetes:v1.36.3-patch kubernetes:v1.36.2 kubernetes:v1.36.3",
    "sealos diff --patch -o patch.tar.zst web:v1 web:v2",
  ],
  args: ["old", "new"],
  flags: { ...DIFF_FLAGS, ...REGISTRY_FLAGS },
  async run(ctx, { args, flags, environment }) {
    requireMeaning(flags);
    const images = await openImageEnvironment(ctx, environment, flags);
    const request = { from: args.old, to: args.new };
    if (!flags.patch) return { kind: "list" as const, difference: await diffImages(ctx, images, request) };
    const path = flags.output === DIFF_FLAGS.output.default ? undefined : flags.output;
    const file = path === undefined || flags.save ? undefined : { path, compression: compressionOf(path) };
    const patch = await patchImage(ctx, images, { ...request, tags: flags.tag, file });
    if (flags.save && path !== undefined) await saveImages(ctx, images, { names: flags.tag, destination: path });
    return { kind: "patch" as const, patch };
  },
  render(result, { flags }) {
    if (result.kind === "patch") return result.patch.image ? hexOf(result.patch.image.id) : "";
    if (flags.output !== "json") return renderDifference(result.difference);
    return JSON.stringify(result.difference, undefined, 2);
  },
  notes(result) {
    if (result.kind === "list" || !result.patch.image || result.patch.deleted.length === 0) return [];
    return [
      `The patch image leaves ${result.patch.deleted.length} paths that NEW does not have; sealos diff lists them`,
    ];
  },
});

function requireMeaning({ patch, output, tag, save }: FlagValues<typeof DIFF_FLAGS>): void {
  const isFile = output !== DIFF_FLAGS.output.default;
  if (!patch) {
    if (tag.length > 0 || save) throw new UsageError("Give --tag and --save with --patch");
    if (["text", "table", "json"].includes(output)) return;
    throw new UsageError(`Invalid value "${output}" of --output: expected text, table or json`, {
      hint: "Use --patch to write a file",
    });
  }
  if (save && (!isFile || tag.length === 0)) throw new UsageError("Give --save with --tag and --output");
  if (!isFile && tag.length === 0) throw new UsageError("Give --patch with --output or --tag");
}

function compressionOf(path: string): LayerCompression {
  if (/\.(?:bz2|xz)$/.test(path)) {
    throw new UsageError(`Cannot write "${path}": a patch is packed with gzip or zstd`, {
      hint: "Name it .tar, .tar.gz or .tar.zst",
    });
  }
  if (/\.(?:gz|tgz)$/.test(path)) return "gzip";
  return /\.(?:zst|tzst)$/.test(path) ? "zstd" : "none";
}

function renderDifference({ changed, added, deleted }: ImageDifference): string {
  const rows = [
    ...changed.map((path) => [path, "changed"]),
    ...added.map((path) => [path, "added"]),
    ...deleted.map((path) => [path, "deleted"]),
  ].sort(([a = ""], [b = ""]) => (a < b ? -1 : Number(a > b)));
  return renderTable(rows.map(([path = "", what = ""]) => [what, `/${printable(path)}`]));
}
