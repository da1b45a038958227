import { inspectImage } from "../../actions/inspect-image.ts";
import { UsageError } from "../../base/error.ts";
import { parsePlatform } from "../../oci/platform.ts";
import { defineCommand } from "../define-command.ts";
import { renderRows } from "../go-format.ts";
import { toDocument, toTemplateData } from "../image-details.ts";
import { openImageEnvironment } from "../image-environment.ts";

export const inspect = defineCommand({
  description: "Shows the configuration and the manifest of an image of the local store.",
  examples: [
    "sealos inspect localhost/kubernetes:v1.36.3",
    "sealos inspect -f '{{.OCIv1.Config.Labels}}' localhost/kubernetes:v1.36.3",
  ],
  args: ["image"],
  flags: {
    format: { type: "string", short: "f", value: "TEMPLATE", help: "Go template, or json" },
    platform: { type: "string", value: "OS/ARCH", help: "Which image of an index; default: that of this machine" },
    type: {
      type: "string",
      short: "t",
      choices: ["app", "image"],
      default: "app",
      hidden: true,
      help: "Kind of what is inspected",
    },
  },
  async run(ctx, { args, flags, environment }) {
    const { format } = flags;
    const isTemplate = format !== undefined && format !== "json";
    if (isTemplate && !format.includes("{{")) {
      throw new UsageError(`Cannot use the format "${format}": expected json or a Go template with {{...}}`);
    }
    const details = await inspectImage(ctx, await openImageEnvironment(ctx, environment), {
      name: args.image,
      platform: flags.platform === undefined ? undefined : parsePlatform(flags.platform),
    });
    if (isTemplate) return renderRows(format, [toTemplateData(details)]);
    return JSON.stringify(toDocument(details), undefined, 4);
  },
  render: (text) => text,
});
