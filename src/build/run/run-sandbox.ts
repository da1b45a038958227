import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Context } from "../../base/context.ts";
import { printable } from "../../base/text.ts";
import { LineSplitter } from "../../hosts/output.ts";
import { startProcess } from "../../hosts/process.ts";
import { RunError } from "./errors.ts";
import {
  ENDS_WITH_PARENT,
  NOT_INSTALLED,
  renderSandboxScript,
  sandboxArgv,
  STARTED_FILE,
  type Sandbox,
} from "./sandbox-script.ts";
import { withPrefix, type UserNamespace } from "./user-namespace.ts";

/** How a command ended that has run. */
export interface CommandEnd {
  /** 128 and more for a signal that ended it; undefined when that ended everything around it too. */
  readonly exitCode: number | undefined;
  /** Of what it printed. */
  readonly lastLines: readonly string[];
}

const KEPT_LINES = 20;

/**
 * Runs a program with the folder of a sandbox as first argument. Nothing of this program's own environment is for
 * commands. Administrators' programs may not be on a user's path. What commands write goes through named pipes, since
 * nobody can open /dev/stdout again when it is the socket that a child of Node has, or a pipe of another user.
 */
const LAUNCHER = `folder=$1; shift
PATH="$PATH:/usr/sbin:/sbin"
for program in unshare "$1"; do
  command -v "$program" > /dev/null || { echo "$program${NOT_INSTALLED}"; exit 127; }
done
mkfifo -m 622 "$folder/stdout" "$folder/stderr"
cat "$folder/stdout" & cat "$folder/stderr" >&2 &
env -i LC_ALL=C PATH="$PATH" "$@" > "$folder/stdout" 2> "$folder/stderr"
code=$?
wait
exit $code`;

/**
 * Runs a command in its sandbox; what it prints is progress. When this returns or throws no process of it is left.
 * @throws {RunError} when the sandbox cannot be made.
 */
export async function runSandbox(ctx: Context, sandbox: Sandbox, namespace: UserNamespace): Promise<CommandEnd> {
  ctx.signal.throwIfAborted();
  const script = join(sandbox.folder, "script");
  await writeFile(script, renderSandboxScript(sandbox), { mode: 0o600 });
  const launched = withPrefix(namespace, sandboxArgv(sandbox, script));
  const program = startProcess([...ENDS_WITH_PARENT, "sh", "-c", LAUNCHER, "sh", sandbox.folder, ...launched], {
    stdin: "pipe",
  });
  ctx.signal.addEventListener("abort", program.kill, { once: true });
  try {
    program.stdin?.end(Buffer.concat(sandbox.secrets.map(({ content }) => content)));
    const lastLines: string[] = [];
    for (const stream of [program.stdout, program.stderr]) {
      const splitter = new LineSplitter((line) => {
        ctx.progress.output(printable(line));
        lastLines.push(printable(line));
        if (lastLines.length > KEPT_LINES) lastLines.shift();
      });
      stream.on("data", (chunk: Buffer) => splitter.add(chunk)).on("end", () => splitter.end());
    }
    const { exitCode, startError } = await program.exit;
    ctx.signal.throwIfAborted();
    if (startError !== undefined || !(await isThere(join(sandbox.folder, STARTED_FILE)))) {
      throw notMade(
        startError === "ENOENT"
          ? `setpriv${NOT_INSTALLED}`
          : (lastLines.at(-1) ?? "the kernel refuses their namespaces"),
      );
    }
    return { exitCode, lastLines };
  } finally {
    ctx.signal.removeEventListener("abort", program.kill);
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function notMade(reason: string): RunError {
  return new RunError("RUN_UNAVAILABLE", `Cannot run commands: ${reason}`, {
    hint: reason.endsWith(NOT_INSTALLED)
      ? "Install util-linux and mount"
      : "Build on a machine whose kernel lets this user make namespaces and mounts, or as its root",
  });
}
