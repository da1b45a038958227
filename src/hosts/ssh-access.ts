import { access as checkAccess, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import type { Context } from "../base/context.ts";
import { abortable } from "./abortable.ts";
import type { Lane, ShellAccess, ShellSession } from "./access.ts";
import { Askpass } from "./askpass.ts";
import { ConnectionError } from "./errors.ts";
import { nameOf, type SshLogin } from "./ssh-login.ts";
import { SshMaster } from "./ssh-master.ts";
import { FAST_CIPHERS, type MasterOptions } from "./ssh-options.ts";

export interface SshAccessOptions {
  /** Where host keys are recorded on first use and looked up afterwards; made when it is not there. */
  readonly knownHostsFile: string;
  readonly connectTimeoutMs: number;
  /** Where a private folder for sockets is made; default: the system's folder for temporary files. */
  readonly runFolder?: string | undefined;
}

interface Connection {
  readonly master: SshMaster;
  readonly session: ShellSession;
}

/** A host over OpenSSH's client: one connection a lane, opened when first used and again after it broke. */
export class SshAccess implements ShellAccess {
  readonly name: string;
  readonly #login: SshLogin;
  readonly #options: SshAccessOptions;
  readonly #connections = new Map<Lane, Promise<Connection>>();
  #folder: Promise<string> | undefined;
  #attempts = 0;
  readonly #closing = new AbortController();

  constructor(login: SshLogin, options: SshAccessOptions) {
    this.name = nameOf(login);
    this.#login = login;
    this.#options = options;
  }

  async open(ctx: Context, lane: Lane): Promise<ShellSession> {
    ctx.signal.throwIfAborted();
    const current = this.#connections.get(lane);
    if (current === undefined) return (await abortable(ctx.signal, this.#start(lane))).session;
    const { master, session } = await abortable(ctx.signal, current);
    if (!master.hasEnded) return session;
    const replacement = this.#connections.get(lane);
    const isReplaced = replacement !== undefined && replacement !== current;
    return (await abortable(ctx.signal, isReplaced ? replacement : this.#start(lane))).session;
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error(`The transport to ${this.name} is closed`));
    const connections = [...this.#connections.values()];
    await Promise.all(connections.map(async (connection) => await closeQuietly(connection)));
    const folder = await this.#folder;
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }

  /** Callers that come meanwhile share the attempt; a failed attempt is not remembered. */
  #start(lane: Lane): Promise<Connection> {
    this.#closing.signal.throwIfAborted();
    const connection = this.#connect(lane);
    this.#connections.set(lane, connection);
    connection.catch(() => {
      if (this.#connections.get(lane) === connection) this.#connections.delete(lane);
    });
    return connection;
  }

  async #connect(lane: Lane): Promise<Connection> {
    await mkdir(dirname(this.#options.knownHostsFile), { recursive: true });
    const folder = await (this.#folder ??= mkdtemp(join(this.#options.runFolder ?? tmpdir(), "sealos-")));
    const attempt = join(folder, String(++this.#attempts));
    await mkdir(attempt, { mode: 0o700 });
    const askpass = await Askpass.start(attempt, this.#login);
    try {
      const keyFile = await this.#prepareKey(attempt);
      const { knownHostsFile, connectTimeoutMs } = this.#options;
      const ciphers = lane === "bulk" ? FAST_CIPHERS : undefined;
      const options: MasterOptions = {
        controlSocket: `${attempt}.socket`,
        knownHostsFile,
        connectTimeoutMs,
        keyFile,
        ciphers,
      };
      return await SshMaster.connect(this.#closing.signal, this.#login, { ...options, askpass });
    } finally {
      await askpass.close();
      await rm(attempt, { recursive: true, force: true });
    }
  }

  /** A key that was given as text is in a file only while the login lasts. */
  async #prepareKey(folder: string): Promise<string | undefined> {
    const { privateKey, privateKeyFile } = this.#login;
    if (privateKey) {
      const file = join(folder, "key");
      await writeFile(file, `${privateKey.reveal().trimEnd()}\n`, { mode: 0o600 });
      return file;
    }
    if (privateKeyFile === undefined) return undefined;
    try {
      await checkAccess(privateKeyFile);
    } catch (cause) {
      throw new ConnectionError("SSH_AUTH", `Cannot log in to "${this.name}": no private key at "${privateKeyFile}"`, {
        hint: "Name a private key that exists, or give a password",
        cause,
      });
    }
    return privateKeyFile;
  }
}

async function closeQuietly(connection: Promise<Connection>): Promise<void> {
  const opened = await connection.catch(() => undefined);
  await opened?.master.close();
}
