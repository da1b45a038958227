import type { Context } from "../../base/context.ts";
import { KnownError, messageOf } from "../../base/error.ts";
import { RegistryError } from "../client/errors.ts";
import type { Upstream } from "./upstream.ts";

/** Where there is something to serve in its place, an upstream gets no longer than this to answer. */
const PATIENCE_MS = 5000;

/** How long an upstream that did not answer is not asked for what is here anyway. */
const OUTAGE_MS = 15_000;

/** Remembers which upstreams do not answer, so that clients need not wait for them each time. */
export class Outages {
  readonly #nowMs: () => number;
  readonly #warn: (message: string) => void;
  readonly #downUntilMs = new Map<string, number>();

  constructor({ nowMs, warn }: { readonly nowMs: () => number; readonly warn: (message: string) => void }) {
    this.#nowMs = nowMs;
    this.#warn = warn;
  }

  /**
   * Asks the upstream for what is not kept here, unless it did not answer a moment ago.
   * @returns undefined when it does not answer.
   */
  async askIfUp<T>(
    ctx: Context,
    { name }: Pick<Upstream, "name">,
    ask: (ctx: Context) => Promise<T>,
  ): Promise<T | undefined> {
    if (this.#isDown(name)) return undefined;
    try {
      return await ask(ctx);
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.#downUntilMs.set(name, this.#nowMs() + OUTAGE_MS);
      return undefined;
    }
  }

  #isDown(name: string): boolean {
    return this.#nowMs() < (this.#downUntilMs.get(name) ?? 0);
  }

  /** Asks the upstream. @returns what is kept here when that fails. @throws {KnownError} when nothing is. */
  async preferUpstream<T>(
    ctx: Context,
    { name }: Pick<Upstream, "name">,
    { ask, kept }: { readonly ask: (ctx: Context) => Promise<T>; readonly kept: T | undefined },
  ): Promise<T> {
    if (kept === undefined) return ask(ctx);
    if (this.#isDown(name)) return kept;
    const patience = AbortSignal.timeout(PATIENCE_MS);
    try {
      return await ask({ ...ctx, signal: AbortSignal.any([ctx.signal, patience]) });
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (!(error instanceof KnownError) && !patience.aborted) throw error;
      if (patience.aborted || isOutage(error)) this.#downUntilMs.set(name, this.#nowMs() + OUTAGE_MS);
      this.#warn(`Serving what is kept: ${patience.aborted ? `"${name}" does not answer` : messageOf(error)}`);
      return kept;
    }
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof RegistryError && (error.isTransient || error.code === "REGISTRY_UNREACHABLE");
}
