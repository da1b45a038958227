import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

import type { Context } from "../base/context.ts";

/** SHA-256 of a file, in hex digits. */
export async function hashFile(ctx: Context, path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { signal: ctx.signal, highWaterMark: 1024 * 1024 })) {
    if (chunk instanceof Uint8Array) hash.update(chunk);
  }
  return hash.digest("hex");
}
