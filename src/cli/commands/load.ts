import { loadImages } from "../../actions/load-images.ts";
import { UsageError } from "../../base/error.ts";
import { defineCommand } from "../define-command.ts";
import { QUIET_FLAG } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";

export const load = defineCommand({
  description: "Puts the images of an archive into the local store: oci-archive, plain or compressed.",
  examples: ["sealos load -i web.tar", "zstd -dc web.tar.zst | sealos load -i -"],
  flags: {
    input: { type: "string", short: "i", value: "FILE", help: "The archive to read; - for stdin" },
    ...QUIET_FLAG,
  },
  async run(ctx, { flags, environment }) {
    if (flags.input === undefined) throw new UsageError("Missing flag --input", { hint: "Name the file with -i" });
    const images = await openImageEnvironment(ctx, environment);
    return loadImages(ctx, images, flags.input === "-" ? environment.stdin() : flags.input);
  },
  render: (loaded) => loaded.map(({ name, digest }) => `Loaded image: ${name ?? digest}`).join("\n"),
});
