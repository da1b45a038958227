import type { Context } from "./context.ts";

/** Waits for what others need too: when `ctx` ends only this wait does. @throws the reason of the abort. */
export async function untilAborted<T>(ctx: Context, shared: Promise<T>): Promise<T> {
  const { signal } = ctx;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([shared, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
