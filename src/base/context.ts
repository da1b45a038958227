import { Progress } from "./progress.ts";

/** Cancellation and reporting: the first parameter of everything that does I/O. */
export interface Context {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** A context that is never cancelled and reports nothing. */
export function backgroundContext(): Context {
  return {
    signal: new AbortController().signal,
    progress: Progress.root(
      () => {},
      () => performance.now(),
    ),
  };
}

/** Runs `work` as one task of the progress tree; its failure is shown there and thrown on. */
export async function runTask<T>(ctx: Context, title: string, work: (ctx: Context) => Promise<T>): Promise<T> {
  const progress = ctx.progress.start(title);
  try {
    const result = await work({ signal: ctx.signal, progress });
    progress.finish();
    return result;
  } catch (error) {
    progress.finish("failed");
    throw error;
  }
}
