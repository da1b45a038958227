import { createHash, hash, type Hash } from "node:crypto";

import type { EntryContent, LayerEntry } from "../../archive/tar-entry.ts";
import type { Compression } from "../../oci/media-type.ts";
import { isLocalContent } from "../context/local-tree.ts";

/** Of layers as this program writes them: a change of their bytes makes old records useless. */
const FORMAT = 1;

/** How a layer can be recognised; each in hex digits. */
export interface LayerKeys {
  /** By everything but what is in its files. */
  readonly shape: string;
  /** By its files as the system describes them; undefined when there are files that it does not describe. */
  readonly stat: string | undefined;
  /** By what is in its files; undefined when that is not known of all of them. */
  readonly content: string | undefined;
}

/** Gives the SHA-256 of content in hex digits, as far as it is known. */
export type KnownHash = (content: EntryContent) => string | undefined;

/**
 * The keys of a layer. The same content key means the same bytes, on any machine.
 * @param entries as they are written, in their order
 */
export function layerKeys(
  entries: readonly LayerEntry[],
  { compression, knownHash }: { compression: Compression; knownHash: KnownHash },
): LayerKeys {
  const shape = createHash("sha256").update(JSON.stringify([FORMAT, compression]));
  const stat = new Identity();
  const content = new Identity();
  for (const member of entries) {
    shape.update(`${describeEntry(member)}\0\n`);
    if (member.content === undefined) continue;
    stat.add(describeContent(member.content));
    content.add(knownHash(member.content));
  }
  const hex = shape.digest("hex");
  return { shape: hex, stat: stat.keyWith("stat", hex), content: content.keyWith("content", hex) };
}

/** The key of what a command makes of the layers below it. @param identity of the command, however it is written */
export function commandKey(
  identity: string,
  { diffIds, compression }: { diffIds: readonly string[]; compression: Compression },
): string {
  return hash("sha256", JSON.stringify(["command", FORMAT, compression, diffIds, identity]));
}

class Identity {
  #hash: Hash | undefined = createHash("sha256");

  add(part: string | undefined): void {
    this.#hash = part === undefined ? undefined : this.#hash?.update(`${part}\n`);
  }

  keyWith(kind: string, shape: string): string | undefined {
    return this.#hash?.update(`${kind} ${shape}`).digest("hex");
  }
}

/** The path, which may have any character, comes last. */
function describeEntry({ entry }: LayerEntry): string {
  const { path, type, mode, uid, gid, mtime, size, linkTarget, device, xattrs } = entry;
  const common = `${type} ${mode} ${uid}:${gid} ${mtime} ${size}`;
  const isPlain = linkTarget === undefined && device === undefined && xattrs === undefined;
  return `${common} ${isPlain ? "" : describeRest(entry)}\0${path}`;
}

function describeRest({ linkTarget, device, xattrs }: LayerEntry["entry"]): string {
  const attributes = Object.entries(xattrs ?? {}).map(
    ([name, value]) => `${name} ${Buffer.from(value).toString("hex")}`,
  );
  return JSON.stringify([linkTarget ?? null, device ? [device.major, device.minor] : null, attributes.sort()]);
}

/** Files that never change by themselves are described by their hash. */
function describeContent(content: EntryContent): string | undefined {
  if (content instanceof Uint8Array) return `sha256 ${createHash("sha256").update(content).digest("hex")}`;
  if (content.sha256 !== undefined) return `sha256 ${content.sha256}`;
  if (!isLocalContent(content)) return undefined;
  const { deviceId, inode, fileSize, modifiedMs, changedMs, offset, length } = content;
  return `file ${[deviceId, inode, fileSize, modifiedMs, changedMs, offset, length].join(" ")}`;
}
