import type { Context } from "../../base/context.ts";
import { shell } from "../../hosts/command.ts";
import type { Transport } from "../../hosts/transport.ts";
import { parseRecord, type ListedFile, type TreeObservation } from "./record.ts";

/** A folder on a host that we fill, and where what we put there is noted down. */
export interface TreeLocation {
  /** Absolute. */
  readonly directory: string;
  /** Absolute path of the record. */
  readonly recordFile: string;
  /** Absolute folder for content on its way. */
  readonly incoming: string;
  /** Sub-folders that are not part of the tree, relative. */
  readonly exclude: readonly string[];
}

export interface HostTreeState extends TreeObservation {
  /** Content that an interrupted transfer left behind: SHA-256 → size in bytes. */
  readonly incoming: ReadonlyMap<string, number>;
}

/** Reads in one round trip what a host has. NUL ends an entry, an empty one a section. */
export async function observeTree(ctx: Context, transport: Transport, location: TreeLocation): Promise<HostTreeState> {
  const { directory, recordFile, incoming, exclude } = location;
  const { stdout } = await transport.query(ctx, shell(LISTING, [directory, recordFile, incoming, ...exclude]));
  const [record = "", recordedAt = "", files = "", partial = ""] = stdout.split("\0\0");
  return {
    record: parseRecord(record),
    recordedAt: Number(recordedAt),
    files: new Map(entriesOf(files).map(parseListedFile)),
    incoming: new Map(entriesOf(partial).map(([size, , name]) => [name, Number(size)])),
  };
}

const LISTING = `
set -eu
directory=$1 record=$2 incoming=$3
shift 3
if [ -f "$record" ]; then cat "$record"; printf '\\0\\0'; stat -c %.9Z "$record"; else printf '\\0\\0' ; echo 0; fi
printf '\\0\\0'
if [ -d "$directory" ]; then
  cd "$directory"
  for name; do set -- "$@" -path "./$name" -prune -o; shift; done
  find . "$@" -type f -printf '%s %C@ %P\\0'
fi
printf '\\0\\0'
if [ -d "$incoming" ]; then cd "$incoming"; find . -type f -printf '%s %C@ %P\\0'; fi
`;

function entriesOf(section: string): [string, string, string][] {
  return section
    .split("\0")
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [size = "", changedAt = ""] = entry.split(" ", 2);
      return [size, changedAt, entry.slice(size.length + changedAt.length + 2)];
    });
}

function parseListedFile([size, changedAt, path]: [string, string, string]): [string, ListedFile] {
  return [path, { size: Number(size), changedAt: Number(changedAt) }];
}
