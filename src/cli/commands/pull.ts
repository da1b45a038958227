import { pullAllTags } from "../../actions/pull-all-tags.ts";
import { pullImage, type PullPolicy } from "../../actions/pull-image.ts";
import { mapLimit } from "../../base/concurrency.ts";
import { UsageError } from "../../base/error.ts";
import { hexOf } from "../../oci/digest.ts";
import { defineCommand } from "../define-command.ts";
import { QUIET_FLAG } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { PLATFORM_FLAGS, toPlatform } from "../platform-flags.ts";
import { REFERRERS_FLAG, wantsReferrers } from "../referrers-flag.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";

const POLICIES = { missing: "missing", always: "always", never: "never", ifnewer: "newer" } as const;

export const pull = defineCommand({
  description: [
    "Copies images from registries to the local store, with their signatures, and prints their IDs. An image may also",
    "be in another place: oci-archive:FILE, docker-archive:FILE, oci:DIR, dir:DIR or containers-storage:NAME.",
  ].join("\n"),
  examples: ["sealos pull docker.io/labring/helm:v3.16.2", "sealos pull --platform linux/arm64 alpine:3.21"],
  args: ["image..."],
  flags: {
    policy: {
      type: "string",
      choices: ["missing", "always", "never", "ifnewer"],
      default: "missing",
      help: "When the registry is asked",
    },
    ...PLATFORM_FLAGS,
    "all-platforms": { type: "boolean", help: "Keep an index whole, with the images of all its platforms" },
    "all-tags": { type: "boolean", short: "a", help: "Pull all tags of a repository" },
    ...REFERRERS_FLAG,
    ...QUIET_FLAG,
    "blob-cache": { type: "string", hidden: true, ignored: true, help: "Blobs are in the store" },
    "decryption-key": { type: "array", hidden: true, unsupported: true, help: "Key of encrypted layers" },
    ...REGISTRY_FLAGS,
  },
  async run(ctx, { args, flags, environment }) {
    const images = await openImageEnvironment(ctx, environment, flags);
    const policy: PullPolicy = POLICIES[flags.policy];
    const platform = toPlatform(flags, environment);
    const allPlatforms = flags["all-platforms"];
    if (allPlatforms && platform) throw new UsageError("Give --all-platforms or --platform, not both");
    const options = { policy, platform, allPlatforms, referrers: wantsReferrers(flags) };
    const pulled = await mapLimit(ctx, { items: args.image, limit: 4 }, async (inner, name) =>
      flags["all-tags"]
        ? pullAllTags(inner, images, { name, ...options })
        : [await pullImage(inner, images, { name, ...options })],
    );
    return pulled.flat();
  },
  render: (pulled) => pulled.map(({ id }) => hexOf(id)).join("\n"),
});
