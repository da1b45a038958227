import { toRemoteReference } from "../../actions/local-name.ts";
import { addToList, createList, inspectList } from "../../actions/manifest-list.ts";
import { pushImage } from "../../actions/push-image.ts";
import { writeFileAtomic } from "../../base/atomic-file.ts";
import { parsePlatform } from "../../oci/platform.ts";
import { defineCommand } from "../define-command.ts";
import { QUIET_FLAG } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";

const PLATFORM_FLAG = {
  platform: { type: "string", value: "OS/ARCH", help: "Which image to take; default: that of this machine" },
} as const;

export const create = defineCommand({
  description: "Makes an index in the local store: one name for the images of several platforms.",
  examples: ["sealos manifest create web:v1 web:v1-amd64 web:v1-arm64"],
  args: ["list", "[image...]"],
  flags: { amend: { type: "boolean", help: "Add to the index when it is there" }, ...PLATFORM_FLAG, ...REGISTRY_FLAGS },
  async run(ctx, { args, flags, environment }) {
    const images = await openImageEnvironment(ctx, environment, flags);
    const platform = flags.platform === undefined ? undefined : parsePlatform(flags.platform);
    const members = args.image.map((name) => ({ name, platform }));
    return createList(ctx, images, { name: args.list, members, amend: flags.amend });
  },
  render: ({ digest }) => digest,
});

export const add = defineCommand({
  description: "Adds an image to an index of the local store, in the place of one for the same platform.",
  examples: ["sealos manifest add web:v1 registry.example.com/team/web:v1 --platform linux/arm64"],
  args: ["list", "image"],
  flags: { ...PLATFORM_FLAG, ...REGISTRY_FLAGS },
  async run(ctx, { args, flags, environment }) {
    const images = await openImageEnvironment(ctx, environment, flags);
    const platform = flags.platform === undefined ? undefined : parsePlatform(flags.platform);
    return addToList(ctx, images, { name: args.list, member: { name: args.image, platform } });
  },
  render: ({ name, digest }) => `${name}: ${digest}`,
});

export const inspect = defineCommand({
  description: "Prints an index of the local store, or else of a registry, as JSON.",
  examples: ["sealos manifest inspect web:v1"],
  args: ["list"],
  flags: REGISTRY_FLAGS,
  async run(ctx, { args, flags, environment }) {
    const images = await openImageEnvironment(ctx, environment, flags);
    return inspectList(ctx, images, { name: args.list, reference: toRemoteReference(args.list) });
  },
  render: (document) => JSON.stringify(document, undefined, 4),
});

export const push = defineCommand({
  description: "Copies an index with the images of all its platforms to a registry.",
  examples: ["sealos manifest push web:v1 registry.example.com/team/web:v1"],
  args: ["list", "[destination]"],
  flags: {
    all: { type: "boolean", default: true, hidden: true, ignored: true, help: "An index is pushed with its images" },
    digestfile: { type: "string", value: "FILE", help: "Write the digest that was pushed to this file" },
    ...QUIET_FLAG,
    ...REGISTRY_FLAGS,
  },
  async run(ctx, { args, flags, environment }) {
    const images = await openImageEnvironment(ctx, environment, flags);
    const pushed = await pushImage(ctx, images, { name: args.list, destination: args.destination, all: true });
    if (flags.digestfile !== undefined) await writeFileAtomic(flags.digestfile, pushed.digest);
    return pushed;
  },
  render: ({ reference, digest }) => `Pushed ${reference}@${digest}`,
});
