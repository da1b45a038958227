import { createHash } from "node:crypto";
import { posix } from "node:path";

import type { Context } from "../base/context.ts";
import { shell } from "../hosts/command.ts";
import type { Transport } from "../hosts/transport.ts";

/**
 * What was finished on a host, kept on that host: step name → fingerprint of what it was done with. It survives the
 * operator's machine, and a step whose inputs have changed counts as not done.
 */
export class StepJournal {
  readonly #transport: Transport;
  readonly #file: string;
  readonly #entries: Map<string, string>;

  private constructor(transport: Transport, file: string, entries: Map<string, string>) {
    this.#transport = transport;
    this.#file = file;
    this.#entries = entries;
  }

  /** @param directory on the host; need not be there yet. */
  static async read(ctx: Context, transport: Transport, directory: string): Promise<StepJournal> {
    const file = posix.join(directory, "steps");
    const { stdout } = await transport.query(ctx, shell('if [ -f "$1" ]; then cat "$1"; fi', [file]));
    return new StepJournal(transport, file, parseEntries(stdout));
  }

  /** For a host that cannot be asked: nothing is done there. */
  static empty(transport: Transport, directory: string): StepJournal {
    return new StepJournal(transport, posix.join(directory, "steps"), new Map());
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  has(step: string, inputs = ""): boolean {
    return this.#entries.get(step) === fingerprint(inputs);
  }

  /** True when the step was finished once, with whatever inputs. */
  knows(step: string): boolean {
    return this.#entries.has(step);
  }

  async record(ctx: Context, step: string, inputs = ""): Promise<void> {
    this.#entries.set(step, fingerprint(inputs));
    const lines = [...this.#entries].map(([name, value]) => `${name} ${value}\n`);
    await this.#transport.putFile(ctx, { path: this.#file, content: lines.join(""), mode: 0o600 });
  }
}

function parseEntries(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [step, value] = line.split(" ");
    if (step && value) entries.set(step, value);
  }
  return entries;
}

/** Inputs may hold secrets: only a hash of them is kept. */
function fingerprint(inputs: string): string {
  return createHash("sha256").update(inputs).digest("hex").slice(0, 32);
}
