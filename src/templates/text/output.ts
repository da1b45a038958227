/** The text written so far, with an upper limit. */
export class Output {
  readonly #limit: number;
  readonly #parts: string[] = [];
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when the limit is reached. */
  write(text: string): boolean {
    this.#length += text.length;
    if (this.#length > this.#limit) return false;
    this.#parts.push(text);
    return true;
  }

  toString(): string {
    return this.#parts.join("");
  }
}
