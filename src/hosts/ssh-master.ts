import { setTimeout as delay } from "node:timers/promises";

import { abortable } from "./abortable.ts";
import type { ShellSession } from "./access.ts";
import type { Askpass } from "./askpass.ts";
import { connectionLost, ConnectionError } from "./errors.ts";
import { Gate } from "../base/gate.ts";
import { LineSplitter, OutputTail } from "./output.ts";
import { startProcess, type LocalProcess, type ProcessExit } from "./process.ts";
import { launch, type Elevation } from "./remote-script.ts";
import { findStanding, renderRootProbe, type Standing } from "./root-probe.ts";
import { findReason, parseLoginFailure, toConnectionError } from "./ssh-failure.ts";
import { nameOf, type SshLogin } from "./ssh-login.ts";
import { masterArgv, sessionArgv, type MasterOptions } from "./ssh-options.ts";

/** sshd allows 10 sessions in a connection unless told otherwise; the master has one of its own. */
const CONCURRENT_SESSIONS = 8;
/** For keys, passwords and sudo, after the host has answered. */
const LOGIN_TIMEOUT_MS = 30_000;
const CLOSE_GRACE_MS = 1000;

/**
 * An open connection: an `ssh` whose own session waits on the host for the end of its input. Commands are further
 * sessions over its control socket. When this process dies, in whatever way, the connection ends too.
 */
export class SshMaster {
  readonly #process: LocalProcess;
  readonly #stderr = new OutputTail(64 * 1024);
  readonly #options: MasterOptions;
  readonly #login: SshLogin;
  readonly #gate = new Gate(CONCURRENT_SESSIONS);
  #hasEnded = false;

  private constructor(process: LocalProcess, login: SshLogin, options: MasterOptions) {
    this.#process = process;
    this.#login = login;
    this.#options = options;
    process.stderr.on("data", (chunk: Buffer) => this.#stderr.add(chunk));
    void process.exit.then(() => (this.#hasEnded = true));
  }

  /** Logs in and becomes root. @throws {ConnectionError} */
  static async connect(
    signal: AbortSignal,
    login: SshLogin,
    { askpass, ...options }: MasterOptions & { readonly askpass: Askpass },
  ): Promise<{ readonly master: SshMaster; readonly session: ShellSession }> {
    const { shellText, prelude } = launch(`${renderRootProbe(login.password)}\nread -r _`, { kind: "none" }, "");
    const process = startProcess(masterArgv(login, options, shellText), {
      stdin: "pipe",
      env: { ...askpass.env, LC_ALL: "C" },
    });
    askpass.answer(process.pid);
    const master = new SshMaster(process, login, options);
    process.stdin?.write(prelude);
    try {
      return { master, session: master.#session(await abortable(signal, master.#standing())) };
    } catch (error) {
      process.kill();
      await process.exit;
      throw error;
    }
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  async close(): Promise<void> {
    this.#process.stdin?.end();
    await Promise.race([this.#process.exit, delay(CLOSE_GRACE_MS)]);
    this.#process.kill();
    await this.#process.exit;
  }

  /** What the host answers to the probe. */
  async #standing(): Promise<Standing> {
    const { promise: answer, resolve } = Promise.withResolvers<Standing>();
    const stdout = new OutputTail(64 * 1024);
    const splitter = new LineSplitter((line) => {
      const standing = findStanding(line);
      if (standing) resolve(standing);
    });
    this.#process.stdout.on("data", (chunk: Buffer) => {
      stdout.add(chunk);
      splitter.add(chunk);
    });
    const ended = this.#process.exit.then(async (exit) => {
      throw await this.#loginFailure(exit, stdout.toString());
    });
    const limit = new AbortController();
    const timeoutMs = this.#options.connectTimeoutMs + LOGIN_TIMEOUT_MS;
    const late = delay(timeoutMs, undefined, { signal: limit.signal }).then(async () => {
      const reason = `no login within ${Math.round(timeoutMs / 1000)} s`;
      throw await toConnectionError(this.#login, { kind: "unreachable", reason });
    });
    try {
      return await Promise.race([answer, ended, late]);
    } finally {
      limit.abort();
      for (const loser of [ended, late]) loser.catch(() => undefined);
    }
  }

  async #loginFailure({ exitCode, startError }: ProcessExit, stdout: string): Promise<ConnectionError> {
    if (startError !== undefined) return noClient(this.#login, startError);
    const stderr = this.#stderr.toString();
    if (exitCode === undefined || exitCode === 255) {
      return await toConnectionError(this.#login, parseLoginFailure(stderr));
    }
    // The login succeeded, and its shell does not take commands.
    const reason = findReason(stderr) ?? findReason(stdout) ?? `its shell ended with ${exitCode}`;
    return await toConnectionError(this.#login, { kind: "refused", reason });
  }

  #session(standing: Standing): ShellSession {
    if (standing.kind === "refused") throw sudoRefused(this.#login, standing.reason);
    const elevation: Elevation =
      standing.kind === "root" ? { kind: "none" } : { kind: "sudo", password: this.#login.password };
    return {
      elevation,
      gate: this.#gate,
      argv: (shellText) => sessionArgv(this.#options.controlSocket, shellText),
      failure: async (command, reason) => {
        // The master may be about to end for the same reason, and it knows it better.
        await Promise.race([this.#process.exit, delay(500)]);
        const told = (this.#hasEnded && findReason(this.#stderr.toString())) || findReason(reason);
        return connectionLost(nameOf(this.#login), command, told ?? "ssh ended without a message");
      },
    };
  }
}

function sudoRefused(login: SshLogin, reason: string): ConnectionError {
  return new ConnectionError("SSH_AUTH", `Cannot become root on "${nameOf(login)}": ${reason}`, {
    hint: "Log in as root, or as a user that sudo allows everything with this password or without one",
  });
}

function noClient(login: SshLogin, startError: string): ConnectionError {
  const reason = `the program "ssh" cannot be started (${startError})`;
  return new ConnectionError("SSH_UNREACHABLE", `Cannot reach "${nameOf(login)}": ${reason}`, {
    hint: "Install OpenSSH's client on this machine (Debian: openssh-client)",
  });
}
