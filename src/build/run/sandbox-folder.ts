import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { toSystemPath } from "../../archive/path-bytes.ts";

/** Where something will be mounted that the image does not have: a path without links. */
export interface MountPoint {
  readonly target: string;
  readonly isFolder: boolean;
}

/**
 * Fills the folder that a command's overlay file system is made in: `0`, `1`, … lead to the layers, the topmost first,
 * so that their list stays short; the last one has the mount points, which therefore get into no image.
 * @returns how many layers there are
 */
export async function prepareOverlay(
  folder: string,
  { layers, points }: { layers: readonly string[]; points: readonly MountPoint[] },
): Promise<number> {
  for (const name of ["root", "upper", "work", String(layers.length)]) await makeFolder(join(folder, name));
  for (const [index, layer] of layers.entries()) await symlink(layer, join(folder, String(index)));
  const bottom = join(folder, String(layers.length));
  for (const { target, isFolder } of points) {
    const path = join(bottom, target);
    await makeFolders(bottom, isFolder ? path : dirname(path));
    if (!isFolder) await writeFile(toSystemPath(path), "", { mode: 0o644 });
  }
  return layers.length + 1;
}

async function makeFolders(root: string, path: string): Promise<void> {
  if (path === root) return;
  await makeFolders(root, dirname(path));
  await makeFolder(path);
}

/** Under any umask. */
async function makeFolder(path: string): Promise<void> {
  await mkdir(toSystemPath(path), { recursive: true });
  await chmod(toSystemPath(path), 0o755);
}
