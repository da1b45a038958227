import { collect, bytesOf, type Bytes } from "../../src/base/bytes.ts";
import type { Context } from "../../src/base/context.ts";
import { NotFoundError } from "../../src/base/error.ts";
import type { ImageTarget } from "../../src/oci/content.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import type { Digest } from "../../src/oci/digest.ts";
import { verified } from "../../src/oci/verify.ts";

/** Content and names in memory. It behaves as the others do, and shows what it holds. */
export class MemoryStore implements ImageTarget {
  readonly contents = new Map<Digest, Uint8Array>();
  readonly names = new Map<string, Descriptor>();
  /** Digests in the order in which they were pushed. */
  readonly pushed: Digest[] = [];

  async has(ctx: Context, { digest }: Descriptor): Promise<boolean> {
    ctx.signal.throwIfAborted();
    return this.contents.has(digest);
  }

  async fetch(ctx: Context, { digest }: Descriptor): Promise<Bytes> {
    ctx.signal.throwIfAborted();
    const content = this.contents.get(digest);
    if (content === undefined) throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find "${digest}" in memory`);
    return bytesOf(content);
  }

  async push(ctx: Context, expected: Descriptor, content: Bytes): Promise<void> {
    const bytes = await collect(verified(content, expected), expected.size);
    ctx.signal.throwIfAborted();
    this.contents.set(expected.digest, bytes);
    this.pushed.push(expected.digest);
  }

  async resolve(ctx: Context, name: string): Promise<Descriptor> {
    ctx.signal.throwIfAborted();
    const found = this.names.get(name) ?? [...this.names.values()].find(({ digest }) => digest === name);
    if (found === undefined) throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find "${name}" in memory`);
    return found;
  }

  async tag(ctx: Context, target: Descriptor, name: string): Promise<void> {
    ctx.signal.throwIfAborted();
    this.names.set(name, target);
  }
}
