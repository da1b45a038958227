import type { FileTree } from "../context/file-tree.ts";
import { readText } from "../context/read-text.ts";
import { resolvePath } from "../context/resolve-path.ts";
import { ValueError } from "../value-error.ts";
import type { Owner } from "./layer-draft.ts";

/**
 * Reads `user`, `user:group`, `uid` or `uid:gid`. Names are looked up in the tree's own /etc/passwd and /etc/group. A
 * user name alone brings its group, a number alone is both.
 * @throws {ValueError}
 */
export function parseOwner(text: string, tree: FileTree): Owner {
  const [user = "", group, ...rest] = text.split(":");
  if (user === "" || group === "" || rest.length > 0) {
    throw new ValueError(`expected USER, USER:GROUP, UID or UID:GID, found "${text}"`);
  }
  const account = isNumber(user) ? { uid: Number(user), gid: Number(user) } : findAccount(user, tree);
  if (group === undefined) return account;
  return { uid: account.uid, gid: isNumber(group) ? Number(group) : findGroup(group, tree) };
}

function findAccount(name: string, tree: FileTree): Owner {
  const fields = findRecord(tree, "etc/passwd", name);
  if (!fields) throw new ValueError(`the image has no user "${name}" in /etc/passwd`);
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

function findGroup(name: string, tree: FileTree): number {
  const fields = findRecord(tree, "etc/group", name);
  if (!fields) throw new ValueError(`the image has no group "${name}" in /etc/group`);
  return Number(fields[2]);
}

function findRecord(tree: FileTree, path: string, name: string): readonly string[] | undefined {
  const records = readText(resolvePath(tree, path).entry ?? {})
    .split("\n")
    .map((line) => line.trim().split(":"));
  return records.find((fields) => fields[0] === name && isNumber(fields[2] ?? ""));
}

function isNumber(text: string): boolean {
  return /^[0-9]{1,10}$/.test(text) && Number(text) <= 0xffff_fffe;
}
