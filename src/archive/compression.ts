/** How content may be packed. */
export type Compression = "none" | "gzip" | "bzip2" | "xz" | "zstd";

/** How a layer may be packed. */
export type LayerCompression = Extract<Compression, "none" | "gzip" | "zstd">;

/** As many bytes as `detectCompression` looks at. */
export const MAGIC_BYTES = 6;

const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
];

/** Tells by the first bytes. */
export function detectCompression(head: Uint8Array): Compression {
  return MAGIC.find(([, magic]) => magic.every((byte, index) => head[index] === byte))?.[0] ?? "none";
}
