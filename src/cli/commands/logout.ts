import { logOut } from "../../actions/log-in.ts";
import { defineCommand } from "../define-command.ts";

export const logout = defineCommand({
  description: "Forgets the login for a registry, wherever it is kept.",
  args: ["registry"],
  flags: { authfile: { type: "string", value: "FILE", help: "Only forget the login of this file" } },
  run: async (ctx, { args, flags, environment }) =>
    logOut(ctx, {
      key: args.registry,
      authFiles: flags.authfile === undefined ? environment.settings.authFiles : [flags.authfile],
    }),
  render: (files, { args }) =>
    files.length === 0 ? `Not logged in to ${args.registry}` : `Removed the login for ${args.registry}`,
});
