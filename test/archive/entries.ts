import type { LayerEntry, TarEntry } from "../../src/archive/tar-entry.ts";
import { tarSlabs } from "../../src/archive/tar-writer.ts";
import type { Bytes } from "../../src/base/bytes.ts";

/** A member with plain attributes; what a test is about is given. */
export function member(path: string, changes: Partial<TarEntry> = {}): TarEntry {
  return { path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0, ...changes };
}

export function textMember(path: string, text: string, changes: Partial<TarEntry> = {}): LayerEntry {
  return bytesMember(path, Buffer.from(text), changes);
}

export function bytesMember(path: string, content: Uint8Array, changes: Partial<TarEntry> = {}): LayerEntry {
  return { entry: member(path, { size: content.byteLength, ...changes }), content };
}

/** The whole archive in memory. */
export function tarOf(entries: Iterable<LayerEntry>, slabBytes = 1024): Buffer {
  return Buffer.concat([...tarSlabs(entries, () => Buffer.alloc(slabBytes))].map((slab) => Buffer.from(slab)));
}

/** The bytes in chunks of this size. */
export async function* chunked(content: Uint8Array, sizeBytes = 1000): Bytes {
  for (let done = 0; done < content.byteLength; done += sizeBytes) yield content.subarray(done, done + sizeBytes);
}
