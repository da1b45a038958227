import { findUser, logIn } from "../../actions/log-in.ts";
import { collect } from "../../base/bytes.ts";
import { UsageError } from "../../base/error.ts";
import { Secret } from "../../base/secret.ts";
import { RemoteRegistry } from "../../registry/client/remote-registry.ts";
import { defineCommand } from "../define-command.ts";
import type { Environment } from "../environment.ts";
import { connectionOptions } from "../open-registries.ts";
import { DEFAULT_REGISTRY_OPTIONS } from "../registry-flags.ts";

const PASSWORD_LIMIT_BYTES = 64 * 1024;

export const login = defineCommand({
  description: [
    "Asks a registry whether it accepts a user, and keeps the login for pull and push. The name may be that of a part",
    "of the registry. With --get-login, prints the user of the login that is kept.",
  ].join("\n"),
  examples: ["sealos login -u robot --password-stdin registry.example.com < password.txt"],
  args: ["registry"],
  flags: {
    username: { type: "string", short: "u", value: "NAME", help: "Who logs in" },
    password: {
      type: "string",
      short: "p",
      value: "PASSWORD",
      help: "Others on this machine may see it: better is stdin",
    },
    "password-stdin": { type: "boolean", help: "Read the password from stdin" },
    "get-login": { type: "boolean", help: "Print who is logged in, and ask nobody" },
    verbose: { type: "boolean", short: "v", hidden: true, ignored: true, help: "There is no more to say" },
    authfile: { type: "string", value: "FILE", help: "Where the login is kept" },
    "cert-dir": { type: "string", value: "DIR", help: "Folder with CA certificates (*.crt) of the registry" },
    "tls-verify": { type: "boolean", default: true, help: "Require HTTPS and verify certificates" },
  },
  async run(ctx, { args, flags, environment }) {
    const key = args.registry.replace(/^(?:docker|https?):\/\//, "").replace(/\/$/, "");
    if (flags["get-login"]) {
      const authFiles = flags.authfile === undefined ? environment.settings.authFiles : [flags.authfile];
      return { kind: "kept" as const, username: await findUser(ctx, { key, authFiles }) };
    }
    const username = flags.username ?? (await environment.ask?.(ctx, "Username: "))?.trim();
    if (!username) throw new UsageError("Cannot log in without a name", { hint: "Give it with --username" });
    const credentials = { kind: "password", username, password: await readPassword(flags, environment) } as const;
    const name = key.split("/", 1)[0] ?? key;
    const optionsFor = connectionOptions({ ...DEFAULT_REGISTRY_OPTIONS, ...flags }, environment.settings);
    const registry = new RemoteRegistry(name, {
      ...optionsFor(name),
      findCredentials: () => Promise.resolve(credentials),
    });
    try {
      await logIn(ctx, { key, credentials, registry, authFile: flags.authfile ?? environment.settings.authFiles[0] });
    } finally {
      registry.close();
    }
    return { kind: "new" as const, key };
  },
  render: (result) => (result.kind === "kept" ? result.username : `Logged in to ${result.key}`),
});

async function readPassword(
  flags: { readonly password: string | undefined; readonly "password-stdin": boolean },
  { stdin }: Environment,
): Promise<Secret> {
  if (flags.password !== undefined) return new Secret(flags.password);
  if (!flags["password-stdin"]) {
    throw new UsageError("Cannot log in without a password", { hint: "Pipe it in with --password-stdin" });
  }
  const content = await collect(stdin(), PASSWORD_LIMIT_BYTES);
  return new Secret(content.toString("utf8").replace(/\r?\n$/, ""));
}
