import { loadImages } from "../../actions/load-images.ts";
import { UsageError } from "../../base/error.ts";
import { defineCommand } from "../define-command.ts";
import { QUIET_FLAG } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { REFERRERS_FLAG, wantsReferrers } from "../referrers-flag.ts";

export const load = defineCommand({
  description: [
    "Puts images into the local store, under the names that they have where they come from. It is found out what that",
    "is: an oci-archive or docker-archive, plain or packed, whole or in parts, an oci-dir or docker-dir.",
  ].join("\n"),
  examples: [
    "sealos load -i web.tar",
    "sealos load -i bundle.tar.parts",
    "sealos load -i https://example.com/bundle.tar.zst",
    "docker save web:v1 | sealos load -i -",
  ],
  flags: {
    input: { type: "string", short: "i", value: "FILE", help: "File, folder or URL to read; - for stdin" },
    tag: { type: "array", short: "t", value: "NAME", help: "Another name for the image, if there is one only" },
    ...REFERRERS_FLAG,
    ...QUIET_FLAG,
  },
  async run(ctx, { flags, environment }) {
    if (flags.input === undefined) throw new UsageError("Missing flag --input", { hint: "Name the file with -i" });
    const images = await openImageEnvironment(ctx, environment);
    const options = { tags: flags.tag, referrers: wantsReferrers(flags) };
    return loadImages(ctx, images, flags.input === "-" ? environment.stdin() : flags.input, options);
  },
  render: (loaded) => loaded.map(({ name, digest }) => `Loaded image: ${name ?? digest}`).join("\n"),
});
