import { defineCommand } from "../define-command.ts";

export const version = defineCommand({
  flags: { short: { type: "boolean", help: "Print the number only" } },
  output: "json",
  run: async (_, { environment }) => ({
    version: environment.version,
    node: process.versions.node,
    platform: `${process.platform}/${process.arch}`,
  }),
  render: (data, { flags }) =>
    flags.short ? data.version : `sealos ${data.version} (Node ${data.node}, ${data.platform})`,
});
