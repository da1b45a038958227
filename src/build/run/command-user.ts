import type { FileTree } from "../context/file-tree.ts";
import { readText } from "../context/read-text.ts";
import { resolvePath } from "../context/resolve-path.ts";
import { parseOwner } from "../layer/owner.ts";

/** Who a command runs as. */
export interface CommandUser {
  readonly uid: number;
  readonly gid: number;
  /** Those that /etc/group has this user in, and those that are added. */
  readonly groups: readonly number[];
  readonly home: string;
}

/**
 * @param text of USER; empty or undefined: root
 * @param added more groups, by name or number
 * @throws {ValueError} for a user or group that the image does not know
 */
export function findCommandUser(
  text: string | undefined,
  { tree, added }: { tree: FileTree; added: readonly string[] },
): CommandUser {
  const { uid, gid } = text ? parseOwner(text, tree) : { uid: 0, gid: 0 };
  const records = recordsOf(tree, "etc/passwd");
  const account =
    records.find((fields) => fields[0] === text?.split(":")[0]) ?? records.find(([, , id]) => id === String(uid));
  const hasGroup = text?.includes(":") === true;
  const listed = hasGroup ? [] : groupsOf(tree, account?.[0]);
  const more = added.map((group) => parseOwner(`0:${group}`, tree).gid);
  const groups = [...listed, ...more].filter((group) => group !== gid);
  return { uid, gid, groups, home: account?.[5] || (uid === 0 ? "/root" : "/") };
}

function groupsOf(tree: FileTree, name: string | undefined): number[] {
  if (name === undefined) return [];
  const records = recordsOf(tree, "etc/group").filter((fields) => fields[3]?.split(",").includes(name));
  return records.map((fields) => Number(fields[2])).filter((id) => Number.isSafeInteger(id));
}

function recordsOf(tree: FileTree, path: string): readonly (readonly string[])[] {
  const text = readText(resolvePath(tree, path).entry ?? {});
  return text.split("\n").map((line) => line.trim().split(":"));
}
