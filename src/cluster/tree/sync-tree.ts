import { posix } from "node:path";

import type { LayerEntry } from "../../archive/tar-entry.ts";
import { tarSlabs } from "../../archive/tar-writer.ts";
import { bytesOf, type Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { InputError } from "../../base/error.ts";
import { renderSize } from "../../base/text.ts";
import { command, shell } from "../../hosts/command.ts";
import type { FileRange, Transport } from "../../hosts/transport.ts";
import { IntegrityError } from "../../oci/errors.ts";
import type { HostFile, HostFileContent, HostTree, HostTreeEntry } from "./host-tree.ts";
import type { HostTreeState, TreeLocation } from "./observe-tree.ts";
import { renderRecord, type TreeChange } from "./record.ts";

/** Files from this size on wait under their digest until they are verified, so that a cut transfer can go on. */
const STAGED_FROM_BYTES = 1024 * 1024;

export interface TreeTransfer {
  readonly transport: Transport;
  readonly location: TreeLocation;
  readonly desired: HostTree;
  readonly change: TreeChange;
  readonly state: HostTreeState;
}

/**
 * Makes a host's folder hold the desired tree. Large files go one by one to a folder of their own, where a transfer
 * that was cut off goes on; the rest goes as one tar stream. Every file is verified on the host by SHA-256, the large
 * ones before they are renamed into place. The record is written last.
 * @param onSent told the bytes of content as they go.
 */
export async function syncTree(
  ctx: Context,
  transfer: TreeTransfer,
  onSent: (sizeBytes: number) => void,
): Promise<void> {
  const { transport, location, desired, change } = transfer;
  const { directory, incoming } = location;
  await transport.run(ctx, shell('umask 022 && mkdir -p "$1" "$2"', [directory, incoming]));
  await sendContent(ctx, transfer, onSent);
  await verifyFiles(ctx, transport, incoming, stagedNames(change));
  await installStaged(ctx, transfer);
  await verifyFiles(ctx, transport, directory, directFiles(change));
  if (change.remove.length > 0) await removeFiles(ctx, transport, location, change.remove);
  await transport.putFile(ctx, { path: location.recordFile, content: renderRecord(desired), mode: 0o600 });
}

async function sendContent(ctx: Context, transfer: TreeTransfer, onSent: (sizeBytes: number) => void): Promise<void> {
  const { transport, location, change, state } = transfer;
  const staged = stagedFiles(change).map(({ file }) => ({ file, present: presentBytes(file, state) }));
  const direct = [...change.put].filter(([, entry]) => !isStaged(entry)).map(([path, entry]) => tarEntry(path, entry));
  const meter = new Meter(
    ctx,
    staged.reduce((sum, { file, present }) => sum + file.size - present, 0),
    onSent,
  );
  for (const { file, present } of staged) {
    if (present === file.size) continue;
    const script = present > 0 ? 'exec cat >>"$1"' : 'exec cat >"$1"';
    const command = shell(script, [posix.join(location.incoming, file.sha256)]);
    await transport.send(ctx, command, restOf(file.content, present), meter.counter());
  }
  if (direct.length === 0) return;
  const extract = [
    "tar",
    "--extract",
    "--file=-",
    `--directory=${location.directory}`,
    "--same-permissions",
    "--touch",
  ] as const;
  await transport.send(ctx, command([...extract, "--no-same-owner"]), tarOf(direct), meter.counter());
}

async function* tarOf(entries: readonly LayerEntry[]): Bytes {
  yield* tarSlabs(entries, () => Buffer.allocUnsafe(TAR_SLAB_BYTES));
}

const TAR_SLAB_BYTES = 1024 * 1024;

/** Content that is there under its digest, but longer than it may be, is no part of it. */
function presentBytes({ sha256, size }: HostFile, { incoming }: HostTreeState): number {
  const present = incoming.get(sha256) ?? 0;
  return present <= size ? present : 0;
}

function restOf(content: HostFileContent, from: number): FileRange | Bytes {
  if (Buffer.isBuffer(content)) return bytesOf(content.subarray(from));
  return { path: content.path, offset: content.offset + from, length: content.length - from };
}

/** Adds up what goes over several connections. */
class Meter {
  readonly #ctx: Context;
  readonly #totalBytes: number;
  readonly #onSent: (sizeBytes: number) => void;
  #sentBytes = 0;

  constructor(ctx: Context, totalBytes: number, onSent: (sizeBytes: number) => void) {
    this.#ctx = ctx;
    this.#totalBytes = totalBytes;
    this.#onSent = onSent;
  }

  /** For one transfer, which reports its running size. */
  counter(): (sizeBytes: number) => void {
    let reported = 0;
    return (sizeBytes) => {
      const added = sizeBytes - reported;
      reported = sizeBytes;
      this.#sentBytes += added;
      this.#onSent(added);
      this.#ctx.progress.advance(this.#sentBytes, Math.max(this.#totalBytes, this.#sentBytes));
      this.#ctx.progress.note(renderSize(this.#sentBytes));
    };
  }
}

/** Several paths may want the same content: it is sent once. */
function stagedFiles({ put }: TreeChange): { readonly file: HostFile; readonly paths: readonly string[] }[] {
  const files = new Map<string, { file: HostFile; paths: string[] }>();
  for (const [path, entry] of put) {
    if (!isStaged(entry)) continue;
    const known = files.get(entry.sha256);
    if (known) known.paths.push(path);
    else files.set(entry.sha256, { file: entry, paths: [path] });
  }
  return [...files.values()];
}

function isStaged(entry: HostTreeEntry): entry is HostFile {
  return entry.type === "file" && entry.size >= STAGED_FROM_BYTES;
}

function tarEntry(path: string, entry: HostTreeEntry): LayerEntry {
  if (/[\n\0]/.test(path)) throw new InputError(`Cannot send ${JSON.stringify(path)}: its name contains a line break`);
  const common = { path, uid: 0, gid: 0, mtime: 0 };
  if (entry.type === "directory") return { entry: { ...common, type: "directory", mode: entry.mode, size: 0 } };
  if (entry.type === "symlink") {
    return { entry: { ...common, type: "symlink", mode: 0o777, size: 0, linkTarget: entry.target } };
  }
  return { entry: { ...common, type: "file", mode: entry.mode, size: entry.size }, content: entry.content };
}

/** File name → SHA-256. */
type Expected = ReadonlyMap<string, string>;

function stagedNames(change: TreeChange): Expected {
  return new Map(stagedFiles(change).map(({ file }) => [file.sha256, file.sha256]));
}

function directFiles({ put }: TreeChange): Expected {
  const files = [...put].flatMap(([path, entry]): [string, string][] =>
    entry.type === "file" && entry.size < STAGED_FROM_BYTES ? [[path, entry.sha256]] : [],
  );
  return new Map(files);
}

/** @throws {IntegrityError} naming the first file that is not what was sent; damaged ones are removed. */
async function verifyFiles(ctx: Context, transport: Transport, directory: string, expected: Expected): Promise<void> {
  const names = [...expected.keys()];
  const damaged: string[] = [];
  for (let start = 0; start < names.length; start += FILES_AT_ONCE) {
    const batch = names.slice(start, start + FILES_AT_ONCE);
    const stdin = renderNames(batch);
    const { stdout } = await transport.query(ctx, shell(HASH, [directory], { stdin }));
    const hashes = stdout.split("\n").map((line) => line.slice(0, 64));
    damaged.push(...batch.filter((name, index) => hashes[index] !== expected.get(name)));
  }
  if (damaged.length === 0) return;
  await transport.run(ctx, shell('cd "$1" && xargs -0 rm -f', [directory], { stdin: renderNames(damaged) }));
  throw new IntegrityError(
    `${damaged.length} of ${names.length} files arrived damaged in ${posix.join(directory, damaged[0] ?? "")}`,
    {
      hint: "Run the same command again; if it happens again, load or build the image anew, and check the host's disk",
    },
  );
}

/** Keeps the answer of one command small. */
const FILES_AT_ONCE = 1000;

function renderNames(names: readonly string[]): string {
  return names.map((name) => `./${name}\0`).join("");
}

/** OpenSSL uses the processor's SHA instructions, which Debian's sha256sum does not: 5 times faster. */
const HASH = `
set -eu
cd "$1"
if command -v openssl >/dev/null; then xargs -0 openssl dgst -sha256 -r; else xargs -0 sha256sum -b; fi
`;

/** Lines `move|copy SHA256 MODE PATH`; the last use of a content moves it. */
async function installStaged(ctx: Context, { transport, location, change }: TreeTransfer): Promise<void> {
  const lines = stagedFiles(change).flatMap(({ file, paths }) =>
    paths.map((path, index) => {
      const entry = change.put.get(path);
      const mode = (entry?.type === "file" ? entry.mode : file.mode).toString(8);
      return `${index === paths.length - 1 ? "move" : "copy"} ${file.sha256} ${mode} ${path}\n`;
    }),
  );
  const { directory, incoming } = location;
  if (lines.length > 0) await transport.run(ctx, shell(INSTALL, [directory, incoming], { stdin: lines.join("") }));
}

const INSTALL = `
set -eu
cd "$1"
while IFS= read -r line; do
  action=\${line%% *} line=\${line#* }
  sha=\${line%% *} line=\${line#* }
  mode=\${line%% *} path=\${line#* }
  case $path in */*) mkdir -p "./\${path%/*}" ;; esac
  [ "$action" = move ] || cp "$2/$sha" "$2/$sha.copy"
  if [ "$action" = move ]; then source=$2/$sha; else source=$2/$sha.copy; fi
  chmod "$mode" "$source"
  mv -f "$source" "./$path"
done
rm -rf "$2"
sync
`;

async function removeFiles(ctx: Context, transport: Transport, location: TreeLocation, paths: readonly string[]) {
  // Deepest first, so that a folder is empty when its turn comes; one that holds other things stays.
  const stdin = renderNames(paths.toSorted((a, b) => b.length - a.length));
  const script =
    'cd "$1" && xargs -0 -n 1 sh -c \'if [ -d "$0" ] && [ ! -L "$0" ]; then rmdir "$0" 2>/dev/null || true; else rm -f "$0"; fi\'';
  await transport.run(ctx, shell(script, [location.directory], { stdin }));
}
