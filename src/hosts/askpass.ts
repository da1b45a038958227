import { writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

import { quoteWord } from "./command.ts";
import type { Secret } from "../base/secret.ts";

export interface Credentials {
  readonly password?: Secret | undefined;
  readonly passphrase?: Secret | undefined;
}

/** What `ssh` is to be told at a prompt; undefined: nothing, the login fails. */
export function findAnswer(prompt: string, { password, passphrase }: Credentials): Secret | undefined {
  if (/^enter passphrase for/i.test(prompt)) return passphrase;
  if (/\(yes\/no|new password|retype|\bPIN\b|one.time|verification code/i.test(prompt)) return undefined;
  return password;
}

/** Asks our socket and prints the answer: the secret passes through two pipes and is in no file, argument or variable. */
const CLIENT = `
const [socketPath, asker, prompt] = process.argv.slice(1);
const socket = require("node:net").connect({ path: socketPath, allowHalfOpen: true });
let answer = "";
socket.on("error", () => { process.exitCode = 1; });
socket.on("data", (chunk) => { answer += chunk; });
socket.on("end", () => { socket.end(); if (answer) process.stdout.write(answer); else process.exitCode = 1; });
socket.end(asker + " " + prompt);`;

/** Answers the prompts of one `ssh` while it logs in, and of nobody else: a jump host's `ssh` asks in vain. */
export class Askpass {
  readonly #program: string;
  readonly #server: Server;
  readonly #credentials: Credentials;
  #asker: number | undefined;

  private constructor(folder: string, credentials: Credentials) {
    this.#program = join(folder, "askpass");
    this.#credentials = credentials;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
  }

  /** @param folder private to this user. */
  static async start(folder: string, credentials: Credentials): Promise<Askpass> {
    const askpass = new Askpass(folder, credentials);
    const socketPath = join(folder, "askpass.socket");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    askpass.#server.once("error", reject).listen(socketPath, resolve);
    await promise;
    const words = [process.execPath, "-e", CLIENT, socketPath].map(quoteWord).join(" ");
    const script = `#!/bin/sh\nunset NODE_OPTIONS\nexec ${words} "$PPID" "$1"\n`;
    await writeFile(askpass.#program, script, { mode: 0o700 });
    return askpass;
  }

  /** For `ssh`. The display makes versions before 8.4 ask the program too; nothing is ever shown on it. */
  get env(): Readonly<Record<string, string>> {
    return { SSH_ASKPASS: this.#program, SSH_ASKPASS_REQUIRE: "force", DISPLAY: ":0" };
  }

  /** From now on prompts of this process are answered. */
  answer(asker: number | undefined): void {
    this.#asker = asker;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }

  #serve(socket: Socket): void {
    let request = "";
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: string) => (request += chunk));
    socket.on("end", () => {
      const [asker] = request.split(" ", 1);
      const prompt = request.slice(request.indexOf(" ") + 1);
      const secret = Number(asker) === this.#asker ? findAnswer(prompt, this.#credentials) : undefined;
      if (secret) socket.end(`${secret.reveal()}\n`);
      else socket.end();
    });
  }
}
