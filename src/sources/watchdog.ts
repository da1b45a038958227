/** Aborts when nobody has fed it for a while, when another signal does, and at the latest when it is closed. */
export class Watchdog {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(outer: AbortSignal, idleMs: number) {
    this.signal = AbortSignal.any([outer, this.#controller.signal]);
    this.#timer = setTimeout(() => {
      this.#controller.abort(new DOMException(`nothing came for ${idleMs / 1000} s`, "TimeoutError"));
    }, idleMs);
  }

  feed(): void {
    this.#timer.refresh();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }
}
