import { logOut } from "../../actions/log-in.ts";
import { UsageError } from "../../base/error.ts";
import { removeAllCredentials } from "../../registry/client/auth-file.ts";
import { defineCommand } from "../define-command.ts";

export const logout = defineCommand({
  description:
    "Forgets the login for a registry, wherever it is kept; with --all, the logins that `sealos login` kept.",
  args: ["[registry]"],
  flags: {
    all: { type: "boolean", short: "a", help: "Forget all logins of the file that `sealos login` writes" },
    authfile: { type: "string", value: "FILE", help: "Only forget the login of this file" },
  },
  async run(ctx, { args, flags, environment }) {
    const { authFiles } = environment.settings;
    const key = args.registry;
    if (flags.all === (key !== undefined)) throw new UsageError("Name a registry, or give --all");
    if (key === undefined) {
      const keys = await removeAllCredentials(ctx, flags.authfile ?? authFiles[0]);
      return { key: keys.join(", ") || "any registry", isRemoved: keys.length > 0 };
    }
    const files = await logOut(ctx, { key, authFiles: flags.authfile === undefined ? authFiles : [flags.authfile] });
    return { key, isRemoved: files.length > 0 };
  },
  render: ({ key, isRemoved }) => (isRemoved ? `Removed the login for ${key}` : `Not logged in to ${key}`),
});
