import { pushImage } from "../../actions/push-image.ts";
import { writeFileAtomic } from "../../base/atomic-file.ts";
import { defineCommand } from "../define-command.ts";
import { QUIET_FLAG } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { PLATFORM_FLAGS, toPlatform } from "../platform-flags.ts";
import { REFERRERS_FLAG, wantsReferrers } from "../referrers-flag.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";

export const push = defineCommand({
  description: [
    "Copies an image from the local store, with its signatures, to a registry. What the registry has is not sent again.",
    "The destination may also be another place: oci-archive:FILE, docker-archive:FILE, oci:DIR or dir:DIR.",
  ].join("\n"),
  examples: [
    "sealos push registry.example.com/team/web:v1",
    "sealos push localhost/web:v1 registry.example.com/team/web:v1",
  ],
  args: ["image", "[destination]"],
  flags: {
    all: { type: "boolean", help: "Of an index, push the images of all platforms" },
    digestfile: { type: "string", value: "FILE", help: "Write the digest that was pushed to this file" },
    ...PLATFORM_FLAGS,
    ...QUIET_FLAG,
    "disable-compression": {
      type: "boolean",
      short: "D",
      hidden: true,
      ignored: true,
      help: "Layers are pushed as stored",
    },
    format: {
      type: "string",
      short: "f",
      choices: ["oci", "v2s2"],
      help: "Format of the manifests; converting one changes its digest",
    },
    rm: { type: "boolean", help: "Remove the image from the local store afterwards" },
    ...REFERRERS_FLAG,
    "compression-format": {
      type: "string",
      choices: ["gzip", "zstd"],
      help: "Pack the layers so; that changes the digest",
    },
    "compression-level": { type: "integer", hidden: true, unsupported: true, help: "How much layers are compressed" },
    "encryption-key": { type: "array", hidden: true, unsupported: true, help: "Encrypt layers" },
    "encrypt-layer": { type: "array", hidden: true, unsupported: true, help: "Layers to encrypt" },
    "sign-by": { type: "string", hidden: true, unsupported: true, help: "Sign the image" },
    ...REGISTRY_FLAGS,
  },
  async run(ctx, { args, flags, environment }) {
    const images = await openImageEnvironment(ctx, environment, flags);
    const pushed = await pushImage(ctx, images, {
      name: args.image,
      destination: args.destination,
      all: flags.all,
      platform: toPlatform(flags, environment),
      referrers: wantsReferrers(flags),
      format: flags.format,
      compression: flags["compression-format"],
      removes: flags.rm,
    });
    if (flags.digestfile !== undefined) await writeFileAtomic(flags.digestfile, pushed.digest);
    return pushed;
  },
  render: ({ reference, digest }) => `Pushed ${reference}@${digest}`,
});
