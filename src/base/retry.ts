import { setTimeout as delay } from "node:timers/promises";

import type { Context } from "./context.ts";

/** @throws the abort reason as soon as `ctx` is cancelled. */
export async function sleep(ctx: Context, ms: number): Promise<void> {
  try {
    await delay(ms, undefined, { signal: ctx.signal });
  } catch (error) {
    ctx.signal.throwIfAborted();
    throw error;
  }
}

export interface RetryPolicy {
  /** How often `work` is called at most. */
  readonly attempts: number;
  /** Wait before the second attempt; doubles each time. */
  readonly firstDelayMs: number;
  /** Only errors that say they may pass; everything else is thrown at once. */
  readonly isTransient: (error: unknown) => boolean;
  /** The wait that an error itself asks for, in place of the doubling one. */
  readonly delayOf?: (error: unknown) => number | undefined;
}

/** Repeats idempotent `work` while it fails with transient errors. */
export async function retry<T>(ctx: Context, policy: RetryPolicy, work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= policy.attempts || ctx.signal.aborted || !policy.isTransient(error)) throw error;
      await sleep(ctx, policy.delayOf?.(error) ?? policy.firstDelayMs * 2 ** (attempt - 1));
    }
  }
}
