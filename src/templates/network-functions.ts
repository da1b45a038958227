import { FunctionError } from "./error.ts";
import { fixed, functionTable } from "./function.ts";
import { nodeNet } from "./node-modules.ts";
import { parseConstraint, satisfies } from "./version/constraint.ts";
import { parseVersion } from "./version/version.ts";

interface Network {
  readonly base: bigint;
  readonly prefix: number;
  readonly bits: 32 | 128;
}

/** A network in CIDR notation, without the host part; undefined when it is none. */
function findNetwork(text: string): Network | undefined {
  const match = /^([^/]+)\/(0|[1-9][0-9]{0,2})$/.exec(text);
  const address = match?.[1] ?? "";
  const prefix = Number(match?.[2]);
  const bits = nodeNet().isIP(address) === 4 ? 32 : nodeNet().isIP(address) === 6 ? 128 : undefined;
  if (!match || bits === undefined || prefix > bits) return undefined;
  const hostBits = BigInt(bits - prefix);
  return { base: (toNumber(address) >> hostBits) << hostBits, prefix, bits };
}

function toNumber(address: string): bigint {
  if (nodeNet().isIP(address) === 4) return address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const url = new URL(`http://[${address}]`);
  const [head = "", tail] = url.hostname.slice(1, -1).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].reduce((sum, part) => sum * 65536n + BigInt(`0x${part}`), 0n);
}

function renderAddress(value: bigint, bits: 32 | 128): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function invalid(text: string): string {
  return `invalid cidr: invalid CIDR address: ${text}`;
}

function ipNet(text: string): string {
  const network = findNetwork(text);
  return network ? `${renderAddress(network.base, network.bits)}/${network.prefix}` : invalid(text);
}

function ipAt(text: string, index: number): string {
  const network = findNetwork(text);
  if (!network) return invalid(text);
  const size = 1n << BigInt(network.bits - network.prefix);
  if (index < 0 || BigInt(index) >= size) return "out of ip address range";
  return renderAddress(network.base + BigInt(index), network.bits);
}

/** What templates in cluster images have besides: addresses, and a comparison for which a wrong version is just false. */
export const networkFunctions = functionTable({
  ipNet: fixed(["string"], ipNet),
  ipAt: fixed(["string", "int"], ipAt),
  semverCompare: fixed(["string", "string"], (constraint, version) => {
    const parsed = parseConstraint(constraint);
    try {
      return satisfies(parseVersion(version), parsed);
    } catch (error) {
      if (error instanceof FunctionError) return false;
      throw error;
    }
  }),
});
