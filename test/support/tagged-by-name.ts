import type { Bytes } from "../../src/base/bytes.ts";
import type { Context } from "../../src/base/context.ts";
import type { ImageTarget } from "../../src/oci/content.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";

/** A repository, which knows tags, under the names of the contract, which are those of a store: `localhost/web:v1`. */
export class TaggedByName implements ImageTarget {
  readonly #repository: ImageTarget;

  constructor(repository: ImageTarget) {
    this.#repository = repository;
  }

  has(ctx: Context, target: Descriptor): Promise<boolean> {
    return this.#repository.has(ctx, target);
  }

  fetch(ctx: Context, target: Descriptor): Promise<Bytes> {
    return this.#repository.fetch(ctx, target);
  }

  push(ctx: Context, expected: Descriptor, content: Bytes): Promise<void> {
    return this.#repository.push(ctx, expected, content);
  }

  resolve(ctx: Context, name: string): Promise<Descriptor> {
    return this.#repository.resolve(ctx, name.replace(/^localhost\/web:/, ""));
  }

  tag(ctx: Context, target: Descriptor, name: string): Promise<void> {
    return this.#repository.tag(ctx, target, name.replace(/^localhost\/web:/, ""));
  }
}
