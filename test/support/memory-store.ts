import { bytesOf, collect, type Bytes } from "../../src/base/bytes.ts";
import type { Context } from "../../src/base/context.ts";
import { NotFoundError } from "../../src/base/error.ts";
import type { ImageTarget } from "../../src/oci/content.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { isDigest, type Digest } from "../../src/oci/digest.ts";
import { verified } from "../../src/oci/verify.ts";

/** A store that keeps everything in memory and behaves like the others. */
export class MemoryStore implements ImageTarget {
  readonly blobs = new Map<Digest, Buffer>();
  readonly tags = new Map<string, Descriptor>();

  async has(ctx: Context, target: Descriptor): Promise<boolean> {
    ctx.signal.throwIfAborted();
    return this.blobs.get(target.digest)?.byteLength === target.size;
  }

  async fetch(ctx: Context, target: Descriptor): Promise<Bytes> {
    ctx.signal.throwIfAborted();
    const content = this.blobs.get(target.digest);
    if (!content) throw notFound(target.digest);
    return bytesOf(content);
  }

  async push(ctx: Context, expected: Descriptor, content: Bytes): Promise<void> {
    if (await this.has(ctx, expected)) return;
    this.blobs.set(expected.digest, await collect(abortable(ctx, verified(content, expected)), expected.size));
  }

  async resolve(ctx: Context, name: string): Promise<Descriptor> {
    ctx.signal.throwIfAborted();
    const tagged = this.tags.get(name);
    if (tagged) return tagged;
    const known = [...this.tags.values()].find(({ digest }) => isDigest(name) && digest === name);
    if (!known) throw notFound(name);
    return known;
  }

  async tag(ctx: Context, target: Descriptor, name: string): Promise<void> {
    if (!(await this.has(ctx, target))) throw notFound(target.digest);
    this.tags.set(name, target);
  }
}

async function* abortable(ctx: Context, content: Bytes): Bytes {
  for await (const chunk of content) {
    ctx.signal.throwIfAborted();
    yield chunk;
  }
}

function notFound(name: string): NotFoundError {
  return new NotFoundError("IMAGE_NOT_FOUND", `Cannot find "${name}" in memory`);
}
