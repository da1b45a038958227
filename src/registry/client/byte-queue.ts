import type { Bytes } from "../../base/bytes.ts";

/** Content that is taken in parts of given sizes. Close it when done. */
export class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(content: Bytes) {
    this.#source = content[Symbol.asyncIterator]();
  }

  /** The next bytes. The content ends them early when it has fewer. */
  async *take(sizeBytes: number): Bytes {
    for (let missing = sizeBytes; missing > 0;) {
      if (this.#rest.byteLength === 0 && !(await this.#fill())) return;
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.byteLength);
      missing -= piece.byteLength;
      yield piece;
    }
  }

  async skip(sizeBytes: number): Promise<void> {
    for await (const _ of this.take(sizeBytes));
  }

  /** Reads to the end, where the content may say that it was not what it should be. */
  async end(): Promise<void> {
    while (await this.#fill());
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #fill(): Promise<boolean> {
    const { done, value } = await this.#source.next();
    if (done) return false;
    this.#rest = value;
    return true;
  }
}
