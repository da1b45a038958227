import { createHash } from "node:crypto";
import { closeSync, fstatSync, readSync, type Stats } from "node:fs";

import { ChangedFileError } from "./errors.ts";
import { openContent } from "./open-content.ts";
import { PinnedFolders } from "./pinned-folder.ts";
import type { EntryContent, FileContent, LayerEntry } from "./tar-entry.ts";
import { BLOCK_BYTES, paddingOf, renderHeader } from "./tar-header.ts";

/**
 * Writes a tar archive into the buffers that `nextSlab` gives, one after the other, and yields each as it is full, the
 * last one shorter. File calls are synchronous: a trip through the thread pool costs as much as reading a small file.
 * @throws {ChangedFileError} when a file is not what was announced or changes while it is read.
 */
export function* tarSlabs(entries: Iterable<LayerEntry>, nextSlab: () => Buffer): Generator<Buffer> {
  const filler = new SlabFiller(nextSlab);
  for (const { entry, content } of entries) {
    const length = lengthOf(content);
    if (length !== entry.size) {
      throw new Error(`"${entry.path}" was announced with ${entry.size} bytes, its content has ${length}`);
    }
    yield* filler.bytes(renderHeader(entry));
    if (content instanceof Uint8Array) yield* filler.bytes(content);
    else if (content) yield* filler.file(content);
    yield* filler.zeros(paddingOf(length));
  }
  yield* filler.zeros(2 * BLOCK_BYTES);
  yield* filler.rest();
}

function lengthOf(content: EntryContent | undefined): number {
  if (content === undefined) return 0;
  return content instanceof Uint8Array ? content.byteLength : content.length;
}

class SlabFiller {
  readonly #nextSlab: () => Buffer;
  readonly #folders = new PinnedFolders();
  #slab: Buffer;
  #used = 0;

  constructor(nextSlab: () => Buffer) {
    this.#nextSlab = nextSlab;
    this.#slab = nextSlab();
  }

  *bytes(content: Uint8Array): Generator<Buffer> {
    for (let done = 0; done < content.byteLength;) {
      const count = Math.min(content.byteLength - done, this.#free());
      this.#slab.set(content.subarray(done, done + count), this.#used);
      done += count;
      yield* this.#advance(count);
    }
  }

  *zeros(total: number): Generator<Buffer> {
    for (let left = total; left > 0;) {
      const count = Math.min(left, this.#free());
      this.#slab.fill(0, this.#used, this.#used + count);
      left -= count;
      yield* this.#advance(count);
    }
  }

  *file(content: FileContent): Generator<Buffer> {
    const { path, offset, length, sha256 } = content;
    const { descriptor, stats: before } = openContent(content, this.#folders);
    try {
      const hash = sha256 === undefined ? undefined : createHash("sha256");
      for (let done = 0; done < length;) {
        const count = readSync(
          descriptor,
          this.#slab,
          this.#used,
          Math.min(length - done, this.#free()),
          offset + done,
        );
        if (count === 0) throw new ChangedFileError(path, "it became shorter while it was read");
        hash?.update(this.#slab.subarray(this.#used, this.#used + count));
        done += count;
        yield* this.#advance(count);
      }
      const found = hash?.digest("hex");
      // Whoever says what the content must be does not mind the time: the image store touches the blobs that it uses.
      if (found === undefined) checkUnchanged(path, before, fstatSync(descriptor));
      if (found !== sha256) throw new ChangedFileError(path, `expected SHA-256 ${sha256}, found ${found}`);
    } finally {
      closeSync(descriptor);
    }
  }

  *rest(): Generator<Buffer> {
    if (this.#used > 0) yield this.#slab.subarray(0, this.#used);
  }

  #free(): number {
    return this.#slab.byteLength - this.#used;
  }

  *#advance(count: number): Generator<Buffer> {
    this.#used += count;
    if (this.#used < this.#slab.byteLength) return;
    yield this.#slab;
    this.#slab = this.#nextSlab();
    this.#used = 0;
  }
}

function checkUnchanged(path: string, before: Stats, after: Stats): void {
  if (before.size !== after.size) {
    throw new ChangedFileError(path, `it had ${before.size} bytes and has ${after.size} after reading`);
  }
  if (before.mtimeMs !== after.mtimeMs) throw new ChangedFileError(path, "it was written to while it was read");
}
