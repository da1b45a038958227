import { shell, type Command } from "../hosts/command.ts";

export interface NameEntry {
  readonly address: string;
  readonly name: string;
}

/**
 * Replaces this cluster's lines in /etc/hosts. They carry a marker, so that removing them restores the file. It is
 * written in place, because it may be a bind mount, and only when it differs. No entries: only removes.
 */
export function hostsFileCommand(cluster: string, entries: readonly NameEntry[]): Command {
  return shell(REPLACE_LINES, [markerOf(cluster), renderHostsLines(cluster, entries)]);
}

/** Prints this cluster's lines of /etc/hosts: `renderHostsLines()` when they are as wanted. */
export function hostsFileQuery(cluster: string): Command {
  return shell('awk -v marker="$1" "$2" /etc/hosts', [markerOf(cluster), ENDS_WITH_MARKER]);
}

export function renderHostsLines(cluster: string, entries: readonly NameEntry[]): string {
  return entries.map(({ address, name }) => `${address} ${name} ${markerOf(cluster)}\n`).join("");
}

function markerOf(cluster: string): string {
  return `# sealos:${cluster}`;
}

const ENDS_WITH_MARKER = "substr($0, length($0) - length(marker) + 1) == marker";

const REPLACE_LINES = `
set -eu
others=$(awk -v marker="$1" '!(${ENDS_WITH_MARKER})' /etc/hosts; printf .)
wanted=\${others%.}$2
[ "$(cat /etc/hosts; printf .)" = "$wanted." ] || printf '%s' "$wanted" >/etc/hosts
`;
