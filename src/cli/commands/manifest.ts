import { annotateMember, hasList, removeLists, removeMember } from "../../actions/edit-list.ts";
import { toRemoteReference } from "../../actions/local-name.ts";
import { addToList, createList, inspectList } from "../../actions/manifest-list.ts";
import { pushImage } from "../../actions/push-image.ts";
import { writeFileAtomic } from "../../base/atomic-file.ts";
import { defineCommand } from "../define-command.ts";
import { QUIET_FLAG } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { MEMBER_FLAGS, toStatement } from "../member-flags.ts";
import { PLATFORM_FLAGS, toPlatform } from "../platform-flags.ts";
import { REFERRERS_FLAG, wantsReferrers } from "../referrers-flag.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";

const ALL_FLAG = { type: "boolean", help: "Of another index, add the images of all platforms" } as const;

export const create = defineCommand({
  description: "Makes an index in the local store: one name for the images of several platforms.",
  examples: ["sealos manifest create web:v1 web:v1-amd64 web:v1-arm64"],
  args: ["list", "[image...]"],
  flags: {
    all: ALL_FLAG,
    amend: { type: "boolean", help: "Add to the index when it is there" },
    ...PLATFORM_FLAGS,
    ...REGISTRY_FLAGS,
  },
  async run(ctx, { args, flags, environment }) {
    const images = await openImageEnvironment(ctx, environment, flags);
    const platform = toPlatform(flags, environment);
    const members = args.image.map((name) => ({ name, platform, all: flags.all }));
    return createList(ctx, images, { name: args.list, members, amend: flags.amend });
  },
  render: ({ digest }) => digest,
});

export const add = defineCommand({
  description: [
    "Adds an image to an index of the local store, in the place of one for the same platform. --os, --arch and --variant",
    "choose an image of another index as --platform does, and correct what an image says about itself.",
  ].join("\n"),
  examples: [
    "sealos manifest add web:v1 registry.example.com/team/web:v1 --platform linux/arm64",
    "sealos manifest add --os windows --os-version 10.0.20348.1 web:v1 web:v1-windows",
  ],
  args: ["list", "image"],
  flags: { all: ALL_FLAG, ...PLATFORM_FLAGS, ...MEMBER_FLAGS, ...REGISTRY_FLAGS },
  async run(ctx, { args, flags, environment }) {
    const images = await openImageEnvironment(ctx, environment, flags);
    const [statement, platform] = [toStatement(flags), toPlatform(flags, environment)];
    return addToList(ctx, images, {
      name: args.list,
      member: { name: args.image, platform, all: flags.all, statement },
    });
  },
  render: ({ name, digest }) => `${name}: ${digest}`,
});

export const annotate = defineCommand({
  description: "Changes what an index of the local store says about one of its images: its platform, annotations.",
  examples: ["sealos manifest annotate --arch arm64 --variant v8 web:v1 sha256:1be2e452b46d"],
  args: ["list", "image"],
  flags: MEMBER_FLAGS,
  run: async (ctx, { args, flags, environment }) =>
    annotateMember(ctx, await openImageEnvironment(ctx, environment), {
      name: args.list,
      member: args.image,
      statement: toStatement(flags),
    }),
  render: ({ name, digest }) => `${name}: ${digest}`,
});

export const remove = defineCommand({
  description: "Takes an image out of an index of the local store. The image itself stays.",
  examples: ["sealos manifest remove web:v1 sha256:1be2e452b46d"],
  args: ["list", "image"],
  run: async (ctx, { args, environment }) =>
    removeMember(ctx, await openImageEnvironment(ctx, environment), { name: args.list, member: args.image }),
  render: ({ name, digest }) => `${name}: ${digest}`,
});

export const rm = defineCommand({
  description: "Removes indexes from the local store. Images that have names of their own stay.",
  examples: ["sealos manifest rm web:v1"],
  args: ["list..."],
  run: async (ctx, { args, environment }) => removeLists(ctx, await openImageEnvironment(ctx, environment), args.list),
  render: (names) => names.map((name) => `untagged: ${name}`).join("\n"),
});

export const exists = defineCommand({
  description: "Exits with 0 when the local store has an index of this name, with 1 when it has not.",
  examples: ["sealos manifest exists web:v1 || sealos manifest create web:v1"],
  args: ["list"],
  run: async (ctx, { args, environment }) => hasList(ctx, await openImageEnvironment(ctx, environment), args.list),
  render: () => "",
  exitCode: (isThere) => (isThere ? 0 : 1),
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
    format: {
      type: "string",
      short: "f",
      choices: ["oci", "v2s2"],
      help: "Format of the manifests; converting one changes its digest",
    },
    rm: { type: "boolean", help: "Remove the index from the local store afterwards" },
    ...REFERRERS_FLAG,
    ...QUIET_FLAG,
    ...REGISTRY_FLAGS,
  },
  async run(ctx, { args, flags, environment }) {
    const images = await openImageEnvironment(ctx, environment, flags);
    const pushed = await pushImage(ctx, images, {
      name: args.list,
      destination: args.destination,
      all: true,
      format: flags.format,
      removes: flags.rm,
      referrers: wantsReferrers(flags),
    });
    if (flags.digestfile !== undefined) await writeFileAtomic(flags.digestfile, pushed.digest);
    return pushed;
  },
  render: ({ reference, digest }) => `Pushed ${reference}@${digest}`,
});
