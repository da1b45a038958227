import { writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

import { quoteWord } from "./command.ts";
import type { Secret } from "./secret.ts";

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
const socket = require("node:net").connect({ path: process.argv[1], allowHalfOpen: true });
let answer = "";
socket.on("error", () => { process.exitCode = 1; });
socket.on("data", (chunk) => { answer += chunk; });
socket.on("end", () => { socket.end(); if (answer) process.stdout.write(answer); else process.exitCode = 1; });
socket.end(process.argv[2]);`;

/** Answers the prompts of `ssh` while it logs in. */
export class Askpass {
  /** The program for SSH_ASKPASS. */
  readonly program: string;
  readonly #server: Server;

  private constructor(program: string, server: Server) {
    this.program = program;
    this.#server = server;
  }

  /** @param folder private to this user. */
  static async start(folder: string, credentials: Credentials): Promise<Askpass> {
    const socketPath = join(folder, "askpass.socket");
    const program = join(folder, "askpass");
    const server = createServer({ allowHalfOpen: true }, (socket) => answer(socket, credentials));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject).listen(socketPath, resolve);
    await promise;
    const words = [process.execPath, "-e", CLIENT, socketPath].map(quoteWord).join(" ");
    await writeFile(program, `#!/bin/sh\nunset NODE_OPTIONS\nexec ${words} "$1"\n`, { mode: 0o700 });
    return new Askpass(program, server);
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }
}

function answer(socket: Socket, credentials: Credentials): void {
  let prompt = "";
  socket.setEncoding("utf8");
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: string) => (prompt += chunk));
  socket.on("end", () => {
    const secret = findAnswer(prompt, credentials);
    if (secret) socket.end(`${secret.reveal()}\n`);
    else socket.end();
  });
}
