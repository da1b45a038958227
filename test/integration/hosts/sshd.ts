import { spawn, execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SSHD = "/usr/sbin/sshd";

export interface SshServer {
  readonly port: number;
  /** Private keys on disk; both may log in as anybody. The second one is encrypted. */
  readonly keyFile: string;
  readonly encryptedKeyFile: string;
  readonly knownHostsFile: string;
  /** For whatever the test needs. */
  readonly folder: string;
  /** Ends the server and every connection, as a power cut would. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** A new host key, as after a new installation. */
  renewHostKey(): Promise<void>;
  /** Process ids of the open connections. */
  connections(): readonly number[];
  close(): Promise<void>;
}

export const PASSPHRASE = "correct horse";

/** A real sshd on a free loopback port, with keys and configuration of its own. */
export async function startSshServer(settings: readonly string[] = []): Promise<SshServer> {
  const folder = await mkdtemp(join(tmpdir(), "sshd-test-"));
  await chmod(folder, 0o755);
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true }); // sshd's place without privileges
  const port = await freePort();
  const [hostKey, keyFile, encryptedKeyFile] = ["host-key", "key", "encrypted-key"].map((name) => join(folder, name));
  if (!hostKey || !keyFile || !encryptedKeyFile) throw new Error("unreachable");
  await makeKey(hostKey, "");
  await makeKey(keyFile, "");
  await makeKey(encryptedKeyFile, PASSPHRASE);
  execFileSync("sh", [
    "-c",
    'cat "$1.pub" "$2.pub" >"$3"',
    "sh",
    keyFile,
    encryptedKeyFile,
    join(folder, "authorized"),
  ]);
  const lines = [
    ...settings, // sshd takes the first value that it finds
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${join(folder, "authorized")}`,
    "StrictModes no",
    "PidFile none",
    "UsePAM no",
    "PermitRootLogin yes",
    "SetEnv SHLVL=2", // keeps bash from start-up files, which cost what they like
  ];
  await writeFile(join(folder, "config"), `${lines.join("\n")}\n`);
  let server: ReturnType<typeof spawn> | undefined;

  const start = async (): Promise<void> => {
    server = spawn(SSHD, ["-D", "-e", "-f", join(folder, "config")], { stdio: "ignore" });
    await untilListening(port);
  };
  const connections = (): readonly number[] => (server?.pid === undefined ? [] : childrenOf(server.pid));
  const stop = async (): Promise<void> => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    for (const pid of connections().flatMap((id) => [...childrenOf(id), id])) killIfThere(pid);
    server.kill("SIGKILL");
    await ended;
  };
  await start();
  return {
    port,
    keyFile,
    encryptedKeyFile,
    knownHostsFile: join(folder, "known", "hosts"),
    folder,
    start,
    stop,
    connections,
    renewHostKey: async () => {
      await rm(hostKey);
      await makeKey(join(folder, "new-host-key"), "");
      await copyFile(join(folder, "new-host-key"), hostKey);
      await chmod(hostKey, 0o600);
    },
    close: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeKey(file: string, passphrase: string): Promise<void> {
  await rm(file, { force: true });
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", file]);
}

function childrenOf(pid: number): number[] {
  const output = execFileSync("sh", ["-c", "ps -o pid= --ppid $1 || :", "sh", String(pid)], { encoding: "utf8" });
  return output.split("\n").filter(Boolean).map(Number);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("A TCP server has a port");
  return address.port;
}

async function untilListening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      socket.destroy();
    }
  }
}
