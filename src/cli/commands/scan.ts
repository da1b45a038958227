import { resolve } from "node:path";

import { scanImages, type ScanReport, type ScanRow } from "../../actions/scan-images.ts";
import { printable, renderTable } from "../../base/text.ts";
import { renderPlace, type ImagePlace } from "../../build/scan/scanned-image.ts";
import { defineCommand } from "../define-command.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { PLATFORM_FLAGS, toPlatform } from "../platform-flags.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";

export const scan = defineCommand({
  description: [
    "Lists the container images that a build context, or an image of the local store, needs: those that images/shim and",
    "images/skopeo/tar.txt list, and those that manifests/ and the rendered charts in charts/ name. VALUES is where a",
    "chart takes the image from. With --verify, it exits with 1 when an image can be had neither from the local store nor",
    "from its registry, or when the registry folder of an image lacks it.",
  ].join("\n"),
  examples: ["sealos scan .", "sealos scan --verify --platform linux/arm64 .", "sealos scan --verify web:v1"],
  args: ["[context|image]"],
  flags: {
    file: { type: "string", short: "f", value: "FILE", help: "Kubefile, for the environment that templates see" },
    ...PLATFORM_FLAGS,
    verify: { type: "boolean", help: "Look whether every image can be had" },
    format: { type: "string", choices: ["table", "json"], default: "table", help: "How to print the images" },
    ...REGISTRY_FLAGS,
  },
  async run(ctx, { args, flags, environment }) {
    const { workingDirectory } = environment.settings;
    const subject = args["context|image"] ?? ".";
    return scanImages(ctx, await openImageEnvironment(ctx, environment, flags), {
      subject,
      path: resolve(workingDirectory, subject),
      kubefile: { file: flags.file, workingDirectory },
      platform: toPlatform(flags, environment),
      verifies: flags.verify,
    });
  },
  render: (report, { flags }) =>
    flags.format === "json" ? JSON.stringify(report.images, undefined, 2) : renderReport(report),
  notes: ({ images, notes }) => {
    const count = images.filter(({ problem }) => problem !== undefined).length;
    const summary = count === 0 ? [] : [`${count} of ${images.length} images cannot be had`];
    return [...notes.map((note) => `Note: ${printable(note)}`), ...summary];
  },
  exitCode: ({ images }) => (images.some(({ problem }) => problem !== undefined) ? 1 : 0),
});

function renderReport({ images }: ScanReport): string {
  if (images.length === 0) return "";
  const hasProblem = images.some(({ problem }) => problem !== undefined);
  const heading = ["IMAGE", "FILE", "LINE", "VALUES", ...(hasProblem ? ["PROBLEM"] : [])];
  const rows = images.flatMap((image) => image.places.map((place, index) => toRow(image, place, index === 0)));
  return renderTable([heading, ...rows.map((row) => row.slice(0, heading.length))]);
}

/** The problem stands in the first line of an image. */
function toRow({ name, problem = "" }: ScanRow, place: ImagePlace, isFirst: boolean): readonly string[] {
  const { line, values } = place;
  return [
    name,
    printable(renderPlace({ ...place, line: undefined })),
    line === undefined ? "-" : String(line),
    values === undefined ? "-" : printable(`${values.file}:${values.line}`),
    isFirst ? printable(problem) : "",
  ];
}
