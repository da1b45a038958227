import { printable } from "../../base/text.ts";
import { findLogin } from "./login.ts";
import type { ServedRequest } from "./node-adapter.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * A line of an access log in the combined format, with the milliseconds that the answer took at its end.
 * https://httpd.apache.org/docs/2.4/logs.html#combined
 */
export function renderAccess(request: ServedRequest, now: Date): string {
  const { address, method, path, headers, status, sizeBytes, elapsedMs } = request;
  const user = status === 401 ? undefined : findLogin(headers.authorization)?.username;
  const agent = headers["user-agent"];
  return [
    `${address} - ${user === undefined ? "-" : token(user)} [${renderTime(now)}]`,
    `"${quoted(`${method} ${path}`)} HTTP/1.1" ${status} ${sizeBytes}`,
    `"${quoted(headers.referer ?? "-")}" "${quoted(agent ?? "-")}" ${Math.round(elapsedMs)}`,
  ].join(" ");
}

function renderTime(now: Date): string {
  const [date = "", time = ""] = now.toISOString().split(/[T.]/);
  const [year, month, day] = date.split("-");
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
}

function quoted(text: string): string {
  return printable(text)
    .replaceAll(/[\n\t]/g, " ")
    .replaceAll(/["\\]/g, "\\$&");
}

/** A user's name comes from the client and must not look like another field. */
function token(text: string): string {
  return quoted(text).replaceAll(/[\s[\]]/g, "_");
}
