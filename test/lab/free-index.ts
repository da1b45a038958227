import { networkOf } from "./names.ts";

/** What a machine's networks already occupy. */
export interface NetworksInUse {
  readonly links: readonly string[];
  /** Of interfaces and routes, in CIDR notation; a single address has no slash. */
  readonly ranges: readonly string[];
}

/** The first index whose bridge and addresses nobody uses: 10.77.0.0/24 comes first. */
export function findFreeIndex({ links, ranges }: NetworksInUse): number | undefined {
  for (let index = 0; index < 256; index++) {
    const { bridge, range } = networkOf(index);
    if (!links.includes(bridge) && !ranges.some((other) => overlaps(range, other))) return index;
  }
  return undefined;
}

function overlaps(one: string, other: string): boolean {
  const [a, b] = [parseRange(one), parseRange(other)];
  const shift = 32 - Math.min(a.length, b.length);
  return shift === 32 || a.address >>> shift === b.address >>> shift;
}

function parseRange(range: string): { readonly address: number; readonly length: number } {
  const [address = "", length = "32"] = range.split("/");
  return { address: address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0), length: Number(length) };
}
