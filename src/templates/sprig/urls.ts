import { FunctionError } from "../error.ts";
import { fixed, functionTable } from "../function.ts";
import { kindOf } from "../value/kind.ts";
import type { GoMap } from "../value/value.ts";
import { hostnameOf, parseUrl, renderUrl } from "./url.ts";
import type { Url } from "./url.ts";

function urlParse(text: string): GoMap {
  const url = parsed(text, "url");
  return new Map([
    ["scheme", url.scheme],
    ["host", url.host],
    ["hostname", hostnameOf(url.host)],
    ["path", url.path],
    ["query", url.query],
    ["opaque", url.opaque],
    ["fragment", url.fragment],
    ["userinfo", url.userinfo],
  ]);
}

function parsed(text: string, subject: string): Url {
  try {
    return parseUrl(text);
  } catch (error) {
    throw error instanceof FunctionError ? new FunctionError(`unable to parse ${subject}: ${error.message}`) : error;
  }
}

function urlJoin(parts: GoMap): string {
  const text = (key: string): string => {
    const value = parts.get(key);
    if (typeof value === "string") return value;
    if (!parts.has(key)) return "";
    if (value === null || value === undefined) {
      throw new FunctionError("runtime error: invalid memory address or nil pointer dereference");
    }
    throw new FunctionError(`unable to parse ${key} key, must be of type string, but ${kindOf(value)} found`);
  };
  const [scheme, host, path] = [text("scheme"), text("host"), text("path")];
  const [query, opaque, fragment, userinfo] = [text("query"), text("opaque"), text("fragment"), text("userinfo")];
  const user = userinfo === "" ? "" : parsed(`proto://${userinfo}@host`, "userinfo in dict").userinfo;
  return renderUrl({ scheme, host, path, rawPath: "", query, hasEmptyQuery: false, opaque, fragment, userinfo: user });
}

export const urlFunctions = functionTable({
  urlParse: fixed(["string"], urlParse),
  urlJoin: fixed(["map"], urlJoin),
});
