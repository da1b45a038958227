import { assertNever } from "../../base/error.ts";
import type { HostTree, HostTreeEntry } from "./host-tree.ts";

/** What was put into a folder of a host, kept there beside it: the entries without their content. */
export type TreeRecord = ReadonlyMap<string, string>;

/** A file as it is on the host now. */
export interface ListedFile {
  readonly size: number;
  /** Time of the last change of content, mode or name, in seconds since 1970. */
  readonly changedAt: number;
}

export interface TreeObservation {
  readonly record: TreeRecord;
  /** When the record was written, in seconds since 1970. */
  readonly recordedAt: number;
  readonly files: ReadonlyMap<string, ListedFile>;
}

/** What has to be done on a host. Both empty: nothing. */
export interface TreeChange {
  readonly put: HostTree;
  readonly remove: readonly string[];
}

export const NOTHING_OBSERVED: TreeObservation = { record: new Map(), recordedAt: 0, files: new Map() };

/** One word that is equal exactly when nothing has to be sent. */
function signatureOf(entry: HostTreeEntry): string {
  switch (entry.type) {
    case "file":
      return `file ${entry.mode.toString(8)} ${entry.size} ${entry.sha256}`;
    case "directory":
      return `directory ${entry.mode.toString(8)}`;
    case "symlink":
      return `symlink ${entry.target}`;
    default:
      return assertNever(entry);
  }
}

export function renderRecord(tree: HostTree): string {
  const lines = [...tree].map(([path, entry]) => JSON.stringify([path, signatureOf(entry)]));
  return lines.length === 0 ? "" : `${lines.toSorted().join("\n")}\n`;
}

/** Lines that are not a record's are passed over: they only cause their files to be sent again. */
export function parseRecord(text: string): TreeRecord {
  const record = new Map<string, string>();
  for (const line of text.split("\n")) {
    const entry = parseLine(line);
    if (entry) record.set(...entry);
  }
  return record;
}

/** A file counts as present when it was recorded as wanted, still has its size, and did not change since. */
export function diffTree(desired: HostTree, observed: TreeObservation): TreeChange {
  const put = [...desired].filter(([path, entry]) => !isIntact(path, entry, observed));
  const remove = [...observed.record.keys()].filter((path) => !desired.has(path));
  return { put: new Map(put), remove };
}

function isIntact(path: string, entry: HostTreeEntry, { record, recordedAt, files }: TreeObservation): boolean {
  if (record.get(path) !== signatureOf(entry)) return false;
  if (entry.type !== "file") return true;
  const listed = files.get(path);
  return listed !== undefined && listed.size === entry.size && listed.changedAt <= recordedAt;
}

function parseLine(line: string): [string, string] | undefined {
  if (!line.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    if (!Array.isArray(value)) return undefined;
    const [path, signature]: unknown[] = value;
    return typeof path === "string" && typeof signature === "string" ? [path, signature] : undefined;
  } catch {
    return undefined; // cut off by a full disk or a kill
  }
}
