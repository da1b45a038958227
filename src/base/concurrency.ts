import type { Context } from "./context.ts";

/**
 * Maps with at most `limit` calls at a time, results in the order of `items`. The first failure cancels the others;
 * it is thrown once all of them have ended.
 */
export async function mapLimit<T, R>(
  ctx: Context,
  { items, limit }: { items: Iterable<T>; limit: number },
  work: (ctx: Context, item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const failure = new AbortController();
  const inner: Context = { ...ctx, signal: AbortSignal.any([ctx.signal, failure.signal]) };
  const queue = [...items].entries();
  const results: R[] = [];
  const errors: unknown[] = [];

  async function drain(): Promise<void> {
    for (const [index, item] of queue) {
      if (inner.signal.aborted) return;
      try {
        results[index] = await work(inner, item, index);
      } catch (error) {
        errors.push(error);
        failure.abort(error);
      }
    }
  }

  await Promise.all(Array.from({ length: Math.max(1, limit) }, drain));
  ctx.signal.throwIfAborted();
  if (errors.length > 0) throw errors[0];
  return results;
}

/** What became of one item of {@link settleLimit}. */
export type Settled<T, R> =
  | { readonly item: T; readonly ok: true; readonly value: R }
  | { readonly item: T; readonly ok: false; readonly error: unknown };

/** Like {@link mapLimit}, but a failure does not stop the others: every item's outcome is returned. */
export async function settleLimit<T, R>(
  ctx: Context,
  { items, limit }: { items: Iterable<T>; limit: number },
  work: (ctx: Context, item: T) => Promise<R>,
): Promise<Settled<T, R>[]> {
  const settled = await mapLimit(ctx, { items, limit }, async (inner, item): Promise<Settled<T, R>> => {
    try {
      return { item, ok: true, value: await work(inner, item) };
    } catch (error) {
      return { item, ok: false, error };
    }
  });
  ctx.signal.throwIfAborted();
  return settled;
}
