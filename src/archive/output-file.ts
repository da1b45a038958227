import { closeSync, openSync, writeSync } from "node:fs";

/** A new file, written from front to back by synchronous calls. Must be closed. */
export class OutputFile {
  readonly #descriptor: number;
  #size = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, "w", 0o644);
  }

  /** In bytes, so far. */
  get size(): number {
    return this.#size;
  }

  write(chunk: Uint8Array): void {
    for (let done = 0; done < chunk.byteLength;) done += writeSync(this.#descriptor, chunk, done);
    this.#size += chunk.byteLength;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
