import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

import type { Context } from "../base/context.ts";
import { systemCode } from "../base/error.ts";
import { decodePath, encodePath } from "./path-bytes.ts";
import type { TarEntry } from "./tar-entry.ts";
import { xattrPrograms, type XattrProgram } from "./xattr-programs.ts";

type Xattrs = NonNullable<TarEntry["xattrs"]>;

/**
 * Reads extended attributes of files on this machine by asking one long-lived program, which starts with the first
 * question. Only what belongs into an image is kept: file capabilities and what users set. Must be disposed of.
 */
export class XattrReader implements AsyncDisposable {
  readonly #programs: readonly XattrProgram[];
  #answering: Promise<Answering | undefined> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(programs = xattrPrograms(process.arch)) {
    this.#programs = programs;
  }

  /** @returns the attributes of those that have any; undefined when this machine has no program that tells. */
  async read(ctx: Context, paths: readonly string[]): Promise<ReadonlyMap<string, Xattrs> | undefined> {
    if (paths.length === 0) return new Map();
    const turn = this.#last.then(() => this.#ask(ctx, paths));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const answering = await this.#answering;
    answering?.child.kill();
    await answering?.ended;
  }

  async #ask(ctx: Context, paths: readonly string[]): Promise<ReadonlyMap<string, Xattrs> | undefined> {
    ctx.signal.throwIfAborted();
    this.#answering ??= start(this.#programs);
    const answering = await this.#answering;
    if (!answering) return undefined;
    const stop = (): void => void answering.child.kill();
    ctx.signal.addEventListener("abort", stop);
    try {
      const fields = [Buffer.from(`${paths.length}\0`), ...paths.flatMap((path) => [encodePath(path), NUL])];
      answering.child.stdin.write(Buffer.concat(fields));
      return await readAnswer(answering.lines, paths);
    } catch (error) {
      ctx.signal.throwIfAborted();
      throw error;
    } finally {
      ctx.signal.removeEventListener("abort", stop);
    }
  }
}

interface Answering {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: AsyncIterator<string>;
  readonly ended: Promise<unknown>;
}

const NUL = Buffer.alloc(1);

/** @returns undefined when none of the programs is installed. */
async function start(programs: readonly XattrProgram[]): Promise<Answering | undefined> {
  for (const program of programs) {
    const child = spawn(program.command, program.arguments, { stdio: ["pipe", "pipe", "ignore"] });
    const ended = once(child, "close").catch(() => undefined);
    child.stdin.on("error", () => undefined); // that it has ended is seen at the other end
    try {
      await once(child, "spawn");
      const lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY });
      return { child, lines: lines[Symbol.asyncIterator](), ended };
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    }
  }
  return undefined;
}

async function readAnswer(
  lines: AsyncIterator<string>,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Xattrs>> {
  const found = new Map<string, Xattrs>();
  for (let line = await lines.next(); line.value !== ""; line = await lines.next()) {
    if (line.done) throw new Error("The program that reads extended attributes ended early");
    const [index, hexName = "", hexValue = ""] = line.value.split(" ");
    const [path, name] = [paths[Number(index)] ?? "", decodePath(Buffer.from(hexName, "hex"))];
    if (isKeptXattr(name)) found.set(path, { ...found.get(path), [name]: Buffer.from(hexValue, "hex") });
  }
  return found;
}

/** Labels, access lists and what overlay file systems note belong to the machine, not to its files. */
export function isKeptXattr(name: string): boolean {
  return name === "security.capability" || (name.startsWith("user.") && !name.startsWith("user.overlay."));
}
