import type { NameResolution } from "./run-settings.ts";

/** /etc/hosts of a command. @param hostName its own name */
export function renderHosts({ hosts }: NameResolution, hostName: string): string {
  const lines = [`127.0.0.1 localhost ${hostName}`, "::1 localhost ip6-localhost ip6-loopback"];
  return [...lines, ...hosts.map(({ name, address }) => `${address} ${name}`), ""].join("\n");
}

/**
 * /etc/resolv.conf of a command.
 * @param machine what this machine has; a setting takes the place of all its lines of the same kind
 */
export function renderResolver({ servers, searches, options }: NameResolution, machine: string): string {
  const given = [
    ...(servers === undefined || servers === "none" ? [] : servers.map((server) => `nameserver ${server}`)),
    ...(searches === undefined ? [] : [`search ${searches.join(" ")}`]),
    ...(options === undefined ? [] : [`options ${options.join(" ")}`]),
  ];
  const replaced = new Set(given.map((line) => line.split(" ", 1)[0]));
  if (replaced.has("search")) replaced.add("domain");
  const kept = machine.split("\n").filter((line) => /^\w/.test(line) && !replaced.has(line.split(/\s/, 1)[0]));
  return [...kept, ...given, ""].join("\n");
}
