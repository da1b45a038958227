import { inspectImage, readDocument } from "../../actions/inspect-image.ts";
import { UsageError } from "../../base/error.ts";
import { defineCommand } from "../define-command.ts";
import { renderRows } from "../go-format.ts";
import { toDocument, toTemplateData } from "../image-details.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { PLATFORM_FLAGS, toPlatform } from "../platform-flags.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";

export const inspect = defineCommand({
  description: [
    "Shows the configuration and the manifest of an image: of the local store, or of another place such as",
    "docker://NAME, oci-archive:FILE, docker-archive:FILE, oci:DIR, dir:DIR or containers-storage:NAME.",
  ].join("\n"),
  examples: [
    "sealos inspect localhost/kubernetes:v1.36.3",
    "sealos inspect -f '{{.OCIv1.Config.Labels}}' localhost/kubernetes:v1.36.3",
    "sealos inspect --raw docker://docker.io/library/nginx:1.29",
  ],
  args: ["image"],
  flags: {
    format: { type: "string", short: "f", value: "TEMPLATE", help: "Go template, or json" },
    raw: { type: "boolean", help: "Print the manifest or index as it is" },
    config: { type: "boolean", help: "Print the configuration as it is" },
    ...PLATFORM_FLAGS,
    type: {
      type: "string",
      short: "t",
      choices: ["app", "image", "container", "manifest"],
      default: "app",
      help: "What to show: the image, or its manifest or index as --raw does",
    },
    ...REGISTRY_FLAGS,
  },
  async run(ctx, { args, flags, environment }) {
    const { format } = flags;
    const isRaw = flags.raw || flags.type === "manifest";
    const isTemplate = format !== undefined && format !== "json";
    if (isTemplate && !format.includes("{{")) {
      throw new UsageError(`Cannot use the format "${format}": expected json or a Go template with {{...}}`);
    }
    if ([isRaw, flags.config, format !== undefined].filter(Boolean).length > 1) {
      throw new UsageError("Give only one of --format, --raw (or --type manifest) and --config");
    }
    const images = await openImageEnvironment(ctx, environment, flags);
    const platform = toPlatform(flags, environment);
    const request = { name: args.image, platform };
    if (isRaw) return readDocument(ctx, images, { ...request, document: "manifest" });
    if (flags.config) return readDocument(ctx, images, { ...request, document: "config" });
    const details = await inspectImage(ctx, images, request);
    if (isTemplate) return renderRows(format, [toTemplateData(details)]);
    return JSON.stringify(toDocument(details), undefined, 4);
  },
  render: (text) => text,
});
