/** Content on its way: streamed, never collected. */
export type Bytes = AsyncIterable<Uint8Array>;

/** Collects a small document. @throws RangeError when it is longer than `limitBytes`. */
export async function collect(content: Bytes, limitBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    size += chunk.byteLength;
    if (size > limitBytes) throw new RangeError(`More than ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The given bytes as one chunk. */
export async function* bytesOf(content: Uint8Array | string): Bytes {
  yield typeof content === "string" ? Buffer.from(content) : content;
}

/** Content without its first bytes. */
export async function* skipped(content: Bytes, sizeBytes: number): Bytes {
  let surplus = sizeBytes;
  for await (const chunk of content) {
    const kept = chunk.subarray(Math.min(surplus, chunk.byteLength));
    surplus -= chunk.byteLength - kept.byteLength;
    if (kept.byteLength > 0) yield kept;
  }
}

/** Passes content through and reports its running size. */
export async function* counted(content: Bytes, report: (sizeBytes: number) => void): Bytes {
  let size = 0;
  for await (const chunk of content) {
    size += chunk.byteLength;
    report(size);
    yield chunk;
  }
}
