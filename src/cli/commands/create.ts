import { join, resolve } from "node:path";

import { createFolder } from "../../actions/create-folder.ts";
import { printable } from "../../base/text.ts";
import { hexOf } from "../../oci/digest.ts";
import { defineCommand } from "../define-command.ts";
import { QUIET_FLAG } from "../flag.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { parseNameValues } from "../name-value.ts";
import { PLATFORM_FLAGS, toPlatform } from "../platform-flags.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";

export const create = defineCommand({
  description: [
    "Unpacks an image to a folder and prints the shell lines that it would run, and the folder: to look into an image,",
    "or to serve its registry folder. Without --into the folder is in the cache; its files are not to be changed.",
  ].join("\n"),
  examples: [
    "sealos create kubernetes:v1.36.3",
    'sealos registry serve filesystem "$(sealos create --short web:v1)/registry" -p 5000',
  ],
  args: ["image", "[command...]"],
  flags: {
    into: { type: "string", value: "DIR", help: "Folder to make" },
    short: { type: "boolean", help: "Print the folder only" },
    env: { type: "array", short: "e", value: "NAME=VALUE", help: "Variable for the shell lines" },
    ...PLATFORM_FLAGS,
    cluster: { type: "string", short: "c", hidden: true, ignored: true, help: "Folders belong to images" },
    ...QUIET_FLAG,
    ...REGISTRY_FLAGS,
  },
  output: "json",
  async run(ctx, { args, flags, environment }) {
    const { cacheRoot } = environment.settings;
    const { into } = flags;
    return createFolder(ctx, await openImageEnvironment(ctx, environment, flags), {
      name: args.image,
      command: args.command,
      environment: parseNameValues("env", flags.env),
      platform: toPlatform(flags, environment),
      folderFor: (digest) =>
        into === undefined
          ? { folder: join(cacheRoot, "created", hexOf(digest)), isReusable: true }
          : { folder: resolve(into), isReusable: false },
    });
  },
  render: ({ folder, lines }, { flags }) => (flags.short ? [folder] : [...lines.map(printable), folder]).join("\n"),
});
