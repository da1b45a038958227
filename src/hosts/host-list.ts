import { InputError } from "../base/error.ts";

export interface HostAddress {
  /** IPv4, in its only spelling. */
  readonly address: string;
  /** Absent: the port of the cluster's SSH settings. */
  readonly port: number | undefined;
}

/** More is a slip of the pen, such as /8 for /28. */
const MOST_HOSTS = 1024;

/**
 * Parses a host argument: elements `a.b.c.d`, `a.b.c.d:port`, `a.b.c.d-a.b.c.e` (both ends included) and `a.b.c.d/nn`,
 * separated by commas. A network stands for its hosts: the network's own and its broadcast address are left out, except
 * in /31 and /32, which have none. @throws {InputError} naming the element that is wrong or comes twice.
 */
export function parseHostList(text: string): HostAddress[] {
  const hosts: HostAddress[] = [];
  const origin = new Map<string, string>();
  for (const element of text.split(",").map((part) => part.trim())) {
    for (const host of parseElement(element, text)) {
      const first = origin.get(host.address);
      if (first !== undefined) throw duplicate(host.address, first, element);
      if (hosts.length === MOST_HOSTS) throw tooMany(element);
      origin.set(host.address, element);
      hosts.push(host);
    }
  }
  return hosts;
}

function parseElement(element: string, list: string): Iterable<HostAddress> {
  if (element === "") throw new InputError(`Cannot read the host list "${list}": it has an empty element`);
  if (element.includes("/")) return parseNetwork(element);
  if (element.includes("-")) return parseRange(element);
  const [address = "", port, ...rest] = element.split(":");
  if (rest.length > 0) throw wrong(element, "IPv6 addresses are not supported");
  return [{ address: renderAddress(parseAddress(address, element)), port: parsePort(port, element) }];
}

function parseRange(element: string): Iterable<HostAddress> {
  const ends = element.split("-");
  if (ends.length !== 2) throw wrong(element, "a range has two ends");
  const [first = 0, last = 0] = ends.map((end) => parseAddress(end.trim(), element));
  if (first > last) throw wrong(element, "a range starts with its lower address");
  return addresses(first, last);
}

function parseNetwork(element: string): Iterable<HostAddress> {
  const [address = "", prefixText = "", ...rest] = element.split("/");
  const prefix = /^\d{1,2}$/.test(prefixText) ? Number(prefixText) : 33;
  if (prefix > 32 || rest.length > 0) throw wrong(element, "a network's prefix is a number from 0 to 32");
  const size = 2 ** (32 - prefix);
  const ip = parseAddress(address, element);
  const first = ip - (ip % size);
  return size <= 2 ? addresses(first, first + size - 1) : addresses(first + 1, first + size - 2);
}

function* addresses(first: number, last: number): Iterable<HostAddress> {
  for (let ip = first; ip <= last; ip++) yield { address: renderAddress(ip), port: undefined };
}

/** As a number. Leading zeros are refused: some programs take them for octal. */
function parseAddress(text: string, element: string): number {
  const parts = text.split(".");
  const isWrong = parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255);
  if (isWrong) throw wrong(element, `"${text}" is not an IPv4 address`);
  return parts.reduce((ip, part) => ip * 256 + Number(part), 0);
}

function renderAddress(ip: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(ip / 2 ** shift) % 256).join(".");
}

function parsePort(text: string | undefined, element: string): number | undefined {
  if (text === undefined) return undefined;
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 65536;
  if (port > 65535) throw wrong(element, "a port is a number from 1 to 65535");
  return port;
}

function wrong(element: string, reason: string): InputError {
  return new InputError(`Cannot read the host "${element}": ${reason}`, {
    hint: "Write addresses as 10.0.0.1, 10.0.0.1:2222, 10.0.0.1-10.0.0.9 or 10.0.0.0/28, separated by commas",
  });
}

function duplicate(address: string, first: string, second: string): InputError {
  const places = first === second ? `"${first}"` : `"${first}" and "${second}"`;
  return new InputError(`Cannot use host ${address} twice: it is in ${places}`, { hint: "Name each host once" });
}

function tooMany(element: string): InputError {
  return new InputError(`Cannot use the hosts "${element}": with them the list has more than ${MOST_HOSTS} hosts`, {
    hint: "Name a smaller range or network",
  });
}
