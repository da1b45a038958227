import type { Context } from "../../base/context.ts";
import { Gate } from "../../base/gate.ts";
import { sleep } from "../../base/retry.ts";

const SHORTEST_WAIT_MS = 100;

/**
 * How many requests go to a registry at once: half as many after each that it refuses as one too many, and one more after
 * as many as there may be have succeeded.
 */
export class Throttle {
  readonly #most: number;
  readonly #gate: Gate;
  #limit: number;
  #successes = 0;
  #resumesAtMs = 0;

  constructor(most: number) {
    this.#most = most;
    this.#limit = most;
    this.#gate = new Gate(most);
  }

  get limit(): number {
    return this.#limit;
  }

  /** Runs the request when it is its turn, not before the time that the registry has asked for. */
  run<T>(ctx: Context, request: () => Promise<T>): Promise<T> {
    return this.#gate.run(ctx, async () => {
      const waitMs = this.#resumesAtMs - performance.now();
      if (waitMs > 0) await sleep(ctx, waitMs);
      return request();
    });
  }

  succeeded(): void {
    this.#successes++;
    if (this.#successes >= this.#limit) this.#change(Math.min(this.#limit + 1, this.#most));
  }

  /** @param waitMs how long the registry wants to be left alone. What it refuses in this time was on its way already. */
  refused(waitMs = 0): void {
    const now = performance.now();
    if (now >= this.#resumesAtMs) this.#change(Math.max(1, Math.floor(this.#limit / 2)));
    this.#resumesAtMs = Math.max(this.#resumesAtMs, now + Math.max(waitMs, SHORTEST_WAIT_MS));
  }

  #change(limit: number): void {
    this.#successes = 0;
    this.#limit = limit;
    this.#gate.resize(limit);
  }
}
