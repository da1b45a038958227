import { pullImage, type PullPolicy } from "../../actions/pull-image.ts";
import { mapLimit } from "../../base/concurrency.ts";
import { hexOf } from "../../oci/digest.ts";
import { parsePlatform } from "../../oci/platform.ts";
import { defineCommand } from "../define-command.ts";
import { QUIET_FLAG } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";

const POLICIES = { missing: "missing", always: "always", never: "never", ifnewer: "newer" } as const;

export const pull = defineCommand({
  description: "Copies images from registries to the local store and prints their IDs.",
  examples: ["sealos pull docker.io/labring/helm:v3.16.2", "sealos pull --platform linux/arm64 alpine:3.21"],
  args: ["image..."],
  flags: {
    policy: {
      type: "string",
      choices: ["missing", "always", "never", "ifnewer"],
      default: "missing",
      help: "When the registry is asked",
    },
    platform: { type: "string", value: "OS/ARCH", help: "Platform of the images; default: that of this machine" },
    ...QUIET_FLAG,
    "all-tags": { type: "boolean", short: "a", hidden: true, unsupported: true, help: "Pull all tags" },
    "remove-signatures": { type: "boolean", hidden: true, ignored: true, help: "Signatures are not copied" },
    "decryption-key": { type: "array", hidden: true, unsupported: true, help: "Key of encrypted layers" },
    ...REGISTRY_FLAGS,
  },
  async run(ctx, { args, flags, environment }) {
    const images = await openImageEnvironment(ctx, environment, flags);
    const policy: PullPolicy = POLICIES[flags.policy];
    const platform = flags.platform === undefined ? undefined : parsePlatform(flags.platform);
    return mapLimit(ctx, { items: args.image, limit: 4 }, (inner, name) =>
      pullImage(inner, images, { name, policy, platform }),
    );
  },
  render: (pulled) => pulled.map(({ id }) => hexOf(id)).join("\n"),
});
