import { folderEnd } from "../../actions/registry-end.ts";
import { saveToFolder } from "../../actions/save-to-folder.ts";
import { copyImage, syncRegistry, type CopiedImage } from "../../actions/sync-registry.ts";
import { toRemoteReference } from "../../actions/local-name.ts";
import { defineCommand } from "../define-command.ts";
import { QUIET_FLAG } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { COPY_FLAGS, openRegistryEnds, wantedPlatform } from "../open-registry-end.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";

const ENDS = "A registry is host:port; a folder is written as a path: ./registry, /srv/registry.";

export const sync = defineCommand({
  description: `Copies every tagged image of a registry or folder to another. What is there is not sent again. ${ENDS}`,
  examples: ["sealos registry sync ./registry registry.example.com", "sealos registry sync 127.0.0.1:5000 ./registry"],
  args: ["source", "destination"],
  flags: { ...COPY_FLAGS, ...QUIET_FLAG, ...REGISTRY_FLAGS },
  output: "json",
  async run(ctx, { args, flags, environment }) {
    const open = await openRegistryEnds(environment, flags);
    const ends = { from: open(args.source), to: open(args.destination) };
    return syncRegistry(ctx, ends, { platform: wantedPlatform(flags, environment) });
  },
  render: renderCopied,
});

export const copy = defineCommand({
  description: `Copies one image to the same repository of another registry or folder. ${ENDS}`,
  examples: ["sealos registry copy docker.io/library/nginx:1.29 registry.example.com"],
  args: ["image", "destination"],
  flags: { ...COPY_FLAGS, ...QUIET_FLAG, ...REGISTRY_FLAGS },
  output: "json",
  async run(ctx, { args, flags, environment }) {
    const open = await openRegistryEnds(environment, flags);
    const image = toRemoteReference(args.image);
    const ends = { from: open(image.registry), to: open(args.destination) };
    return [await copyImage(ctx, { ...ends, image }, { platform: wantedPlatform(flags, environment) })];
  },
  render: renderCopied,
});

export const save = defineCommand({
  description: [
    "Copies images to a folder that a registry can serve: those of --images from their registries or, written",
    "containers-storage:NAME, from podman's store; those of --tars from archives; and those that a build context needs,",
    "see `sealos scan`.",
  ].join("\n"),
  examples: [
    "sealos registry save --registry-dir ./registry --images nginx:1.29,redis:8",
    "sealos registry save .",
    "sealos registry save --tars docker-archive:nginx.tar@nginx:1.29",
  ],
  args: ["[context]"],
  flags: {
    "registry-dir": { type: "string", value: "DIR", default: "registry", help: "Folder to fill" },
    images: { type: "list", value: "IMAGE", help: "Images to save" },
    tars: {
      type: "list",
      value: "FORMAT:FILE@NAME",
      help: "Images of archives: docker-archive:FILE@NAME, oci-archive:…",
    },
    all: { type: "boolean", help: "Save all platforms" },
    platform: { type: "string", value: "OS/ARCH", help: "Which platform to save; default: that of this machine" },
    arch: { type: "string", value: "ARCH", hidden: true, help: "The architecture of the platform to save" },
    ...QUIET_FLAG,
    "max-pull-procs": { type: "integer", hidden: true, ignored: true, help: "Four images are copied at once" },
    ...REGISTRY_FLAGS,
  },
  output: "json",
  async run(ctx, { args, flags, environment }) {
    const open = await openRegistryEnds(environment, flags);
    return saveToFolder(ctx, await openImageEnvironment(ctx, environment, flags), {
      contextDirectory: args.context,
      names: flags.images,
      archives: flags.tars,
      folder: folderEnd(flags["registry-dir"]),
      openRegistry: async (name) => open(name),
      platform: wantedPlatform({ ...flags, "override-arch": flags.arch }, environment),
    });
  },
  render: renderCopied,
});

function renderCopied(images: readonly CopiedImage[]): string {
  return images
    .map(({ repository, tag, digest }) => `${repository}${tag === undefined ? "" : `:${tag}`}@${digest}`)
    .join("\n");
}
