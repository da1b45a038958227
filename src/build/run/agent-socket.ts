import { once } from "node:events";
import { stat } from "node:fs/promises";
import { createServer, connect } from "node:net";
import { pipeline } from "node:stream";

import type { Context } from "../../base/context.ts";
import { InputError, messageOf } from "../../base/error.ts";
import { startProcess } from "../../hosts/process.ts";
import { runHelper } from "./run-helper.ts";

/**
 * Opens a socket that leads to an SSH agent: the one that listens at the only path, or one of its own with the keys in
 * these files. An agent talks to its own user only, so that a command of another user needs a socket of this program.
 * @param path of the new socket; it goes with the stack
 */
export async function openAgentSocket(
  ctx: Context,
  paths: readonly string[],
  { path, resources }: { path: string; resources: AsyncDisposableStack },
): Promise<void> {
  const agent = (await findSocket(paths)) ?? (await startAgent(ctx, paths, { path: `${path}.agent`, resources }));
  const server = createServer((client) => {
    const upstream = connect(agent);
    pipeline(client, upstream, () => undefined);
    pipeline(upstream, client, () => undefined);
  });
  server.listen(path);
  await once(server, "listening");
  resources.defer(() => void server.close());
}

async function findSocket(paths: readonly string[]): Promise<string | undefined> {
  const [only = "", ...others] = paths;
  if (others.length > 0) return undefined;
  try {
    return (await stat(only)).isSocket() ? only : undefined;
  } catch (error) {
    throw new InputError(`Cannot use "${only}" as SSH agent or key: ${messageOf(error)}`, { cause: error });
  }
}

async function startAgent(
  ctx: Context,
  keys: readonly string[],
  { path, resources }: { path: string; resources: AsyncDisposableStack },
): Promise<string> {
  const agent = startProcess(["ssh-agent", "-D", "-a", path], { stdin: "pipe" });
  resources.defer(async () => {
    agent.kill();
    await agent.exit;
  });
  const isListening = await Promise.race([once(agent.stdout, "data").then(() => true), agent.exit.then(() => false)]);
  if (!isListening) throw new InputError("Cannot start ssh-agent for commands", { hint: "Install openssh-client" });
  for (const key of keys) {
    const { exitCode, complaint } = await runHelper(ctx, ["env", `SSH_AUTH_SOCK=${path}`, "ssh-add", "-q", key]);
    if (exitCode === 0) continue;
    throw new InputError(`Cannot give the SSH key "${key}" to commands: ${complaint}`, {
      hint: "Use a key without a passphrase, or add it to an agent of your own: --ssh default",
    });
  }
  return path;
}
