import { access } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { Context } from "../base/context.ts";
import { mirroredUrl } from "./mirror.ts";

/** Tells whether a URL answers now. */
export type ReachabilityProbe = (ctx: Context, url: string) => Promise<boolean>;

const PROBE_MS = 4000;

/** Asks each host once, a mirror for each file. Any failure means no; only a cancelled run is an error. */
export function reachabilityProbe(mirror: string | undefined): ReachabilityProbe {
  const answers = new Map<string, Promise<boolean>>();
  return async (ctx, url) => {
    const target = mirroredUrl(url, mirror);
    const key = mirror === undefined ? new URL(url).host : target;
    const answer = answers.get(key) ?? probe(ctx, target);
    answers.set(key, answer);
    const isReachable = await answer;
    ctx.signal.throwIfAborted();
    return isReachable;
  };
}

async function probe(ctx: Context, url: string): Promise<boolean> {
  try {
    if (url.startsWith("file:")) {
      await access(fileURLToPath(url));
      return true;
    }
    const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(PROBE_MS)]);
    return (await fetch(url, { method: "HEAD", signal })).ok;
  } catch {
    return false;
  }
}
