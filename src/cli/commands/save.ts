import { saveImages } from "../../actions/save-images.ts";
import { UsageError } from "../../base/error.ts";
import { defineCommand } from "../define-command.ts";
import { QUIET_FLAG } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";

export const save = defineCommand({
  description: "Writes images of the local store, with their names, into one archive that any OCI tool reads.",
  examples: ["sealos save -o web.tar localhost/web:v1", "sealos save -o bundle.tar kubernetes:v1.36.3 flannel:v0.26.7"],
  args: ["image..."],
  flags: {
    output: { type: "string", short: "o", value: "FILE", help: "The archive to write" },
    format: { type: "string", choices: ["oci-archive"], default: "oci-archive", help: "Format of the archive" },
    "multi-image-archive": { type: "boolean", short: "m", hidden: true, ignored: true, help: "All images are saved" },
    compress: { type: "boolean", hidden: true, ignored: true, help: "Layers are saved as stored" },
    uncompressed: { type: "boolean", hidden: true, ignored: true, help: "Layers are saved as stored" },
    ...QUIET_FLAG,
  },
  async run(ctx, { args, flags, environment }) {
    if (flags.output === undefined) throw new UsageError("Missing flag --output", { hint: "Name the file with -o" });
    return saveImages(ctx, await openImageEnvironment(ctx, environment), {
      names: args.image,
      destination: flags.output,
    });
  },
  render: () => "",
});
