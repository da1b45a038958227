import type { LayerEntry } from "../../archive/tar-entry.ts";
import { findWhiteout } from "../../archive/whiteout.ts";
import type { LayerMember, OpenLayer } from "../../store/layer-cache.ts";

/** How an overlay file system notes that a folder hides what is below it. */
export const OPAQUE_XATTR = "user.overlay.opaque";
const YES = Buffer.from("y");

/**
 * A layer's members as a folder has to hold them that is a part of an overlay file system: what removes a path is a
 * device 0:0 there.
 * @param hasDevices whether devices can be made: else they are left out
 */
export function toOverlayEntries({ members, tarPath }: OpenLayer, hasDevices: boolean): readonly LayerEntry[] {
  const opaque = new Set(
    members.flatMap(({ path }) => {
      const whiteout = findWhiteout(path);
      return whiteout?.kind === "opaque" ? [whiteout.path] : [];
    }),
  );
  const listed = new Set(members.flatMap(({ path, type }) => (type === "directory" ? [path] : [])));
  const unlisted = [...opaque].filter((path) => path !== "" && !listed.has(path));
  return [
    ...unlisted.map((path) => toFolder(path)),
    ...members.flatMap((member): LayerEntry[] => {
      const whiteout = findWhiteout(member.path);
      if (whiteout) return whiteout.kind === "path" ? [toRemoval(whiteout.path)] : [];
      if (member.path === "" || (member.type.endsWith("device") && !hasDevices)) return [];
      return [toEntry(member, { tarPath, isOpaque: opaque.has(member.path) })];
    }),
  ];
}

const ROOTS = { uid: 0, gid: 0, mtime: 0, size: 0 };

function toFolder(path: string): LayerEntry {
  return { entry: { path, type: "directory", mode: 0o755, ...ROOTS, xattrs: { [OPAQUE_XATTR]: YES } } };
}

function toRemoval(path: string): LayerEntry {
  return { entry: { path, type: "character-device", mode: 0, ...ROOTS, device: { major: 0, minor: 0 } } };
}

function toEntry(member: LayerMember, { tarPath, isOpaque }: { tarPath: string; isOpaque: boolean }): LayerEntry {
  const { offset, sha256, xattrs: hex = {}, ...attributes } = member;
  const xattrs = Object.fromEntries(Object.entries(hex).map(([name, value]) => [name, Buffer.from(value, "hex")]));
  const all = isOpaque ? { ...xattrs, [OPAQUE_XATTR]: YES } : xattrs;
  const entry = { ...attributes, ...(Object.keys(all).length === 0 ? {} : { xattrs: all }) };
  if (member.type !== "file") return { entry };
  const content = { path: tarPath, offset, length: member.size, ...(sha256 === undefined ? {} : { sha256 }) };
  return { entry, content };
}
