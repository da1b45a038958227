import type { Context } from "./context.ts";

/** Lets at most `limit` pieces of work run at once; the others wait in order of arrival. */
export class Gate {
  #limit: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws the abort reason when `ctx` is cancelled while waiting. */
  async run<T>(ctx: Context, work: () => Promise<T>): Promise<T> {
    await this.#enter(ctx.signal);
    try {
      return await work();
    } finally {
      this.#running--;
      this.#admit();
    }
  }

  /** What runs already runs on. */
  resize(limit: number): void {
    this.#limit = limit;
    this.#admit();
  }

  #admit(): void {
    while (this.#running < this.#limit) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#running++;
      next();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < this.#limit) {
      this.#running++;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = (): void => {
      const place = this.#waiting.indexOf(resolve);
      if (place < 0) return; // admitted at the same moment
      this.#waiting.splice(place, 1);
      reject(signal.reason);
    };
    this.#waiting.push(resolve);
    signal.addEventListener("abort", abort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}
