import type { Bytes } from "../base/bytes.ts";

/** Reads a stream in pieces of chosen sizes. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);
  #used = 0;
  #position = 0;

  constructor(content: Bytes) {
    this.#source = content[Symbol.asyncIterator]();
  }

  /** How many bytes were taken so far. */
  get position(): number {
    return this.#position;
  }

  /** Exactly `length` bytes in memory of their own, or fewer at the end of the stream. */
  async read(length: number): Promise<Buffer> {
    if (this.#chunk.byteLength - this.#used >= length) {
      this.#used += length;
      this.#position += length;
      return Buffer.from(this.#chunk.subarray(this.#used - length, this.#used));
    }
    const parts: Buffer[] = [];
    for await (const part of this.take(length)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** The next `length` bytes as they come, fewer at the end; each chunk is valid until the next one is asked for. */
  async *take(length: number): AsyncGenerator<Buffer, void, undefined> {
    let left = length;
    while (left > 0 && (await this.#fill())) {
      const part = this.#chunk.subarray(this.#used, this.#used + left);
      this.#used += part.byteLength;
      this.#position += part.byteLength;
      left -= part.byteLength;
      yield part;
    }
  }

  /** Passes over up to `length` bytes. @returns how many there were. */
  async skip(length: number): Promise<number> {
    const start = this.#position;
    while (this.#position < start + length && (await this.#fill())) {
      const count = Math.min(start + length - this.#position, this.#chunk.byteLength - this.#used);
      this.#used += count;
      this.#position += count;
    }
    return this.#position - start;
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  /** Makes the current chunk have bytes left. @returns false at the end of the stream. */
  async #fill(): Promise<boolean> {
    while (this.#used === this.#chunk.byteLength) {
      const next = await this.#source.next();
      if (next.done) return false;
      this.#chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
      this.#used = 0;
    }
    return true;
  }
}
