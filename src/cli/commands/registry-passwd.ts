import { setRegistryPassword } from "../../actions/set-registry-password.ts";
import { collect } from "../../base/bytes.ts";
import { UsageError } from "../../base/error.ts";
import { Secret } from "../../base/secret.ts";
import { defineCommand } from "../define-command.ts";

const INPUT_LIMIT_BYTES = 4096;

export const passwd = defineCommand({
  description: [
    "Sets the password of a user in an htpasswd file, for `sealos registry serve filesystem --htpasswd` and the",
    "distribution registry. A server that runs must be started again to see it.",
  ].join("\n"),
  examples: ["sealos registry passwd -p users -u ada < password.txt"],
  flags: {
    "htpasswd-path": { type: "string", short: "p", value: "FILE", help: "File to change, made if need be (required)" },
    username: { type: "string", short: "u", value: "NAME", help: "Whose password it is (required)" },
  },
  async run(ctx, { flags, environment }) {
    const { username, "htpasswd-path": file } = flags;
    if (username === undefined || file === undefined) {
      throw new UsageError("Cannot set a password: expected --htpasswd-path and --username");
    }
    const content = (await collect(environment.stdin(), INPUT_LIMIT_BYTES)).toString("utf8");
    await setRegistryPassword(ctx, { file, username, password: new Secret(content.replace(/\r?\n$/, "")) });
    return { username, file };
  },
  render: ({ username, file }) => `Set the password of ${username} in ${file}`,
});
