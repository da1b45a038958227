import { lstat, readdir, rename } from "node:fs/promises";
import { join } from "node:path";

import { InputError } from "../base/error.ts";

/**
 * Moves what is in a folder into another one of the same file system; what is there stays unless it has the same name.
 * Links that are there are replaced and not followed.
 * @throws {InputError} where one has a folder and the other one has something else.
 */
export async function mergeFolder(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    const isFolder = (await lstat(source)).isDirectory();
    const present = await lstat(target).catch(() => undefined);
    if (present && present.isDirectory() !== isFolder) {
      throw new InputError(`Cannot write "${target}": ${isFolder ? "it is not a folder" : "it is a folder"}`, {
        hint: "Remove it, or choose another folder",
      });
    }
    if (present && isFolder) await mergeFolder(source, target);
    else await rename(source, target);
  }
}
