import { diffImages, type ImageDifference } from "../../actions/diff-images.ts";
import { printable, renderTable } from "../../base/text.ts";
import { defineCommand } from "../define-command.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";

export const diff = defineCommand({
  description: "Lists the paths by which the files of two images differ. Images that are not here are pulled.",
  examples: ["sealos diff web:v1 web:v2", "sealos diff -o json web:v1 web:v2"],
  args: ["old", "new"],
  flags: REGISTRY_FLAGS,
  output: "json",
  async run(ctx, { args, flags, environment }) {
    const images = await openImageEnvironment(ctx, environment, flags);
    return diffImages(ctx, images, { from: args.old, to: args.new });
  },
  render: renderDifference,
});

function renderDifference({ changed, added, deleted }: ImageDifference): string {
  const rows = [
    ...changed.map((path) => [path, "changed"]),
    ...added.map((path) => [path, "added"]),
    ...deleted.map((path) => [path, "deleted"]),
  ].sort(([a = ""], [b = ""]) => (a < b ? -1 : Number(a > b)));
  return renderTable(rows.map(([path = "", what = ""]) => [what, `/${printable(path)}`]));
}
