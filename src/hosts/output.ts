import { StringDecoder } from "node:string_decoder";

const LONGEST_LINE = 64 * 1024;

/** Keeps the last `limitBytes` of a program's output, whatever its length. */
export class OutputTail {
  readonly #limitBytes: number;
  readonly #chunks: Buffer[] = [];
  #keptBytes = 0;
  #totalBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get isTruncated(): boolean {
    return this.#totalBytes > this.#limitBytes;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#keptBytes += chunk.byteLength;
    this.#totalBytes += chunk.byteLength;
    for (let first = this.#chunks[0]; first && this.#keptBytes - first.byteLength >= this.#limitBytes;) {
      this.#chunks.shift();
      this.#keptBytes -= first.byteLength;
      first = this.#chunks[0];
    }
  }

  /** Starts at a whole character. */
  toString(): string {
    const kept = Buffer.concat(this.#chunks);
    let start = Math.max(0, kept.byteLength - this.#limitBytes);
    while (start > 0 && start < kept.byteLength && isContinuation(kept[start])) start++;
    return kept.toString("utf8", start);
  }
}

/** The bytes after the first of a UTF-8 character are 10xxxxxx. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte < 0xc0;
}

/** Cuts chunks into lines, also where a chunk ends inside a character; a last line needs no line break. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#emit(line);
    if (this.#rest.length < LONGEST_LINE) return;
    this.#emit(this.#rest);
    this.#rest = "";
  }

  end(): void {
    const last = this.#rest + this.#decoder.end();
    this.#rest = "";
    if (last !== "") this.#emit(last);
  }

  #emit(line: string): void {
    this.#onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
  }
}
