import type { Context } from "../../base/context.ts";
import { untilAborted } from "../../base/until-aborted.ts";

/** Work that several clients want at once is done once. */
export class SharedWork<T> {
  readonly #running = new Map<string, Promise<T>>();

  /** @param work runs on when `ctx`, which is of one client, ends. */
  do(ctx: Context, key: string, work: () => Promise<T>): Promise<T> {
    const known = this.#running.get(key);
    if (known) return untilAborted(ctx, known);
    const started = work().finally(() => this.#running.delete(key));
    started.catch(() => undefined); // the client may be gone by then
    this.#running.set(key, started);
    return untilAborted(ctx, started);
  }
}
