import { changeClusterRegistryLogin } from "../../actions/change-registry-login.ts";
import { setRegistryPassword } from "../../actions/set-registry-password.ts";
import { collect } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { UsageError } from "../../base/error.ts";
import { Secret } from "../../base/secret.ts";
import { openClusterEnvironment } from "../cluster-environment.ts";
import { CLUSTER_FLAG } from "../cluster-flags.ts";
import { defineCommand } from "../define-command.ts";
import type { Environment } from "../environment.ts";

const INPUT_LIMIT_BYTES = 4096;

export const passwd = defineCommand({
  description: [
    "Changes the login of the registry of a running cluster: at the registry, at containerd on every host, and in what is",
    "kept on this machine. Pods go on, and the commands of images are not run again. The password is read from stdin,",
    "asked for on a terminal, or made with --generate.",
    "",
    "With --htpasswd-path it sets the password of a user in a file of this machine instead, for `sealos registry serve",
    "--htpasswd`, which sees the change by itself, and for the distribution registry.",
  ].join("\n"),
  examples: [
    "sealos registry passwd --generate",
    "sealos registry passwd -c staging -u admin < password.txt",
    "sealos registry passwd -p users -u ada < password.txt",
  ],
  flags: {
    ...CLUSTER_FLAG,
    "cluster-name": { type: "string", value: "NAME", hidden: true, help: "The same as --cluster" },
    username: {
      type: "string",
      short: "u",
      value: "NAME",
      help: "Whose password it is; default: the one who is there",
    },
    generate: { type: "boolean", help: "Make a random password; the cluster's state on this machine has it" },
    "htpasswd-path": {
      type: "string",
      short: "p",
      value: "FILE",
      help: "Change this file, made if need be, and no cluster",
    },
    "cri-shim-file-path": {
      type: "string",
      short: "f",
      hidden: true,
      ignored: true,
      help: "The image's own scripts know where the login goes",
    },
  },
  output: "json",
  async run(ctx, { flags, environment }) {
    const { username, "htpasswd-path": file, "cluster-name": cluster = flags.cluster, generate } = flags;
    if (file !== undefined) {
      if (username === undefined || generate) {
        throw new UsageError(`Cannot set a password in "${file}": expected --username, and the password on stdin`);
      }
      await setRegistryPassword(ctx, { file, username, password: await readPassword(ctx, environment) });
      return { kind: "file", username, file } as const;
    }
    const clusterEnvironment = await openClusterEnvironment(ctx, environment);
    const password = generate ? undefined : await readPassword(ctx, environment);
    const changed = await changeClusterRegistryLogin(ctx, clusterEnvironment, { cluster, username, password });
    return { kind: "cluster", ...changed } as const;
  },
  render: (changed) =>
    changed.kind === "file"
      ? `Set the password of ${changed.username} in ${changed.file}`
      : `Set the password of ${changed.username} at the registry of ${changed.cluster} and on its ${changed.hosts} hosts`,
  notes: (changed) =>
    changed.kind === "cluster" && changed.isNamedByClusterfile
      ? ["Note: write the new login into your Clusterfile too, or the next apply brings the old one back"]
      : [],
});

async function readPassword(ctx: Context, { ask, stdin }: Environment): Promise<Secret> {
  if (ask) return new Secret(await ask(ctx, "New password: "));
  const content = (await collect(stdin(), INPUT_LIMIT_BYTES)).toString("utf8");
  return new Secret(content.replace(/\r?\n$/, ""));
}
