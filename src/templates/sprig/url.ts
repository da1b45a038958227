import { FunctionError } from "../error.ts";
import { percentEncode } from "../text/escape.ts";
import { decodeBytes } from "../value/bytes.ts";
import { quote } from "../value/quote.ts";

/** A URL as Go's net/url splits it. */
export interface Url {
  readonly scheme: string;
  readonly opaque: string;
  /** As it is written: percent-encoded, `name` or `name:password`. */
  readonly userinfo: string;
  readonly host: string;
  /** Decoded. */
  readonly path: string;
  /** As written, when that is not the usual encoding of the path. */
  readonly rawPath: string;
  readonly query: string;
  readonly hasEmptyQuery: boolean;
  readonly fragment: string;
}

const UNRESERVED = "A-Za-z0-9\\-_.~";
const PATH = new RegExp(`[${UNRESERVED}$&+,/:;=@]`);
const HOST = new RegExp(`[${UNRESERVED}!$&'()*+,;=:[\\]<>"]`);
const USER = new RegExp(`[${UNRESERVED}$&+,;=]`);
const FRAGMENT = new RegExp(`[${UNRESERVED}$&+,/:;=?@!()*]`);

/** @throws {FunctionError} with Go's message. */
export function parseUrl(text: string): Url {
  const hash = text.indexOf("#");
  const body = hash < 0 ? text : text.slice(0, hash);
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(body)) fail(text, "net/url: invalid control character in URL");
  const url = parseBody(text, body);
  return hash < 0 ? url : { ...url, fragment: unescape(text, text.slice(hash + 1), "fragment") };
}

function fail(text: string, problem: string): never {
  throw new FunctionError(`parse ${quote(text)}: ${problem}`);
}

function parseBody(text: string, body: string): Url {
  if (body === "*") return { ...EMPTY, path: "*" };
  const { scheme, rest: afterScheme } = splitScheme(text, body);
  const mark = afterScheme.indexOf("?");
  const hasEmptyQuery = mark >= 0 && mark === afterScheme.length - 1;
  const rest = mark < 0 ? afterScheme : afterScheme.slice(0, mark);
  const start = { ...EMPTY, scheme, query: mark < 0 ? "" : afterScheme.slice(mark + 1), hasEmptyQuery };
  if (!rest.startsWith("/")) {
    if (scheme !== "") return { ...start, opaque: rest };
    const colon = rest.indexOf(":");
    const slash = rest.indexOf("/");
    if (colon >= 0 && (slash < 0 || colon < slash)) fail(text, "first path segment in URL cannot contain colon");
  }
  const hasAuthority = (scheme !== "" || !rest.startsWith("///")) && rest.startsWith("//");
  if (!hasAuthority) return { ...start, ...parsePath(text, rest) };
  const end = rest.indexOf("/", 2);
  const authority = parseAuthority(text, end < 0 ? rest.slice(2) : rest.slice(2, end));
  return { ...start, ...authority, ...parsePath(text, end < 0 ? "" : rest.slice(end)) };
}

const EMPTY: Url = {
  scheme: "",
  opaque: "",
  userinfo: "",
  host: "",
  path: "",
  rawPath: "",
  query: "",
  hasEmptyQuery: false,
  fragment: "",
};

function splitScheme(text: string, body: string): { readonly scheme: string; readonly rest: string } {
  if (body.startsWith(":")) fail(text, "missing protocol scheme");
  const match = /^([A-Za-z][A-Za-z0-9+\-.]*):/.exec(body);
  return match
    ? { scheme: (match[1] ?? "").toLowerCase(), rest: body.slice(match[0].length) }
    : { scheme: "", rest: body };
}

function parsePath(text: string, raw: string): Pick<Url, "path" | "rawPath"> {
  const path = unescape(text, raw, "path");
  return { path, rawPath: raw === percentEncode(path, PATH) ? "" : raw };
}

function parseAuthority(text: string, authority: string): Pick<Url, "userinfo" | "host"> {
  const at = authority.lastIndexOf("@");
  const host = parseHost(text, authority.slice(at + 1));
  if (at < 0) return { userinfo: "", host };
  const userinfo = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) fail(text, "net/url: invalid userinfo");
  const [name = "", ...password] = userinfo.split(":");
  const encoded = [name, ...(userinfo.includes(":") ? [password.join(":")] : [])].map((part) =>
    percentEncode(unescape(text, part, "user"), USER),
  );
  return { userinfo: encoded.join(":"), host };
}

function parseHost(text: string, host: string): string {
  const close = host.lastIndexOf("]");
  if (host.startsWith("[") && close < 0) fail(text, "missing ']' in host");
  const port = host.startsWith("[") ? host.slice(close + 1) : (/:.*$/s.exec(host)?.[0] ?? "");
  const last = host.startsWith("[") ? port : port.slice(port.lastIndexOf(":"));
  if (last !== "" && !/^:[0-9]*$/.test(last)) fail(text, `invalid port ${quote(last)} after host`);
  return unescape(text, host, "host");
}

type Part = "path" | "host" | "user" | "fragment";

function unescape(text: string, part: string, kind: Part): string {
  const wrong = /%(?![0-9A-Fa-f]{2})/.exec(part);
  if (wrong) fail(text, `invalid URL escape ${quote(part.slice(wrong.index, wrong.index + 3))}`);
  if (kind === "host") {
    const bad = Array.from(part).find(
      (character) => character.charCodeAt(0) < 0x80 && !HOST.test(character) && character !== "%",
    );
    if (bad !== undefined) fail(text, `invalid character ${quote(bad)} in host name`);
  }
  if (!part.includes("%")) return part;
  const bytes = part.split(/(%[0-9A-Fa-f]{2})/).map((piece) => {
    return /^%[0-9A-Fa-f]{2}$/.test(piece) ? Buffer.from(piece.slice(1), "hex") : Buffer.from(piece);
  });
  return decodeBytes(Buffer.concat(bytes));
}

export function hostnameOf(host: string): string {
  const withoutPort = /:[0-9]*$/.test(host) && !host.endsWith("]") ? host.slice(0, host.lastIndexOf(":")) : host;
  return withoutPort.replace(/^\[(.*)\]$/, "$1");
}

/** Go's `URL.String`. */
export function renderUrl(url: Url): string {
  const { scheme, opaque, userinfo, host, query, fragment } = url;
  const start = scheme === "" ? "" : `${scheme}:`;
  const body = opaque === "" ? renderHierarchy(url) : opaque;
  const hash = fragment === "" ? "" : `#${percentEncode(fragment, FRAGMENT)}`;
  const authority = scheme !== "" || host !== "" || userinfo !== "";
  const path = opaque === "" && !authority && /^[^/]*:/.test(body) ? `./${body}` : body;
  return `${start}${path}${query !== "" || url.hasEmptyQuery ? `?${query}` : ""}${hash}`;
}

function renderHierarchy({ scheme, userinfo, host, path, rawPath }: Url): string {
  const encoded = rawPath === "" ? (path === "*" ? "*" : percentEncode(path, PATH)) : rawPath;
  const hasAuthority = host !== "" || userinfo !== "" || (scheme !== "" && path !== "");
  if (!hasAuthority) return encoded;
  const user = userinfo === "" ? "" : `${userinfo}@`;
  const slash = encoded !== "" && !encoded.startsWith("/") && host !== "" ? "/" : "";
  return `//${user}${percentEncode(host, HOST)}${slash}${encoded}`;
}
