import { compare } from "bcryptjs";
import { setTimeout as delay } from "node:timers/promises";

import { Refusal } from "./api.ts";

/** More are asked to come again. */
const WAITING_LIMIT = 32;

/**
 * Compares passwords with hashes one after the other, and leaves the processor to others for as long in between: each
 * comparison takes it whole for a tenth of a second, and who guesses passwords must not stop those who pull.
 */
export class PasswordChecks {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** @throws {Refusal} when too many wait. */
  async matches(password: string, hash: string): Promise<boolean> {
    if (this.#waiting >= WAITING_LIMIT) {
      throw new Refusal(429, "TOOMANYREQUESTS", "too many logins at once", { "retry-after": "1" });
    }
    this.#waiting++;
    const result = this.#compareAfter(this.#last, password, hash);
    this.#last = result.then(
      (compared) => compared.rest,
      () => undefined,
    );
    return (await result).isRight;
  }

  async #compareAfter(previous: Promise<void>, password: string, hash: string): Promise<Compared> {
    await previous;
    const startedMs = performance.now();
    try {
      const isRight = await compare(password, hash);
      return { isRight, rest: this.#waiting > 1 ? delay(performance.now() - startedMs) : Promise.resolve() };
    } finally {
      this.#waiting--;
    }
  }
}

interface Compared {
  readonly isRight: boolean;
  readonly rest: Promise<void>;
}
