import type { CopyFlags, FlagValue } from "./copy-flags.ts";
import type { FileTree, TreeEntry } from "./context/file-tree.ts";
import type { Owner } from "./layer/layer-draft.ts";
import { parseOwner } from "./layer/owner.ts";
import { atPlace } from "./place.ts";
import { ValueError } from "./value-error.ts";

/** How owners and permission bits of what is copied change. */
export interface Attributes {
  /** Of folders that are made on the way to the destination. */
  readonly owner: Owner;
  readonly transform: (entry: TreeEntry) => TreeEntry;
}

const ROOT: Owner = { uid: 0, gid: 0 };
const KEPT_FROM_CONTEXT = 0o1777;

/**
 * What `--chown` and `--chmod` come to. What comes from a folder of this machine belongs to root and is never setuid or
 * setgid; what comes from an image keeps both.
 */
export function toAttributes(
  { owner: wanted, permissions, isLinked }: CopyFlags,
  { isFromImage, tree }: { isFromImage: boolean; tree: FileTree },
): Attributes {
  const owner = wanted ? readOwner(wanted, { tree, isLinked }) : isFromImage ? undefined : ROOT;
  const mask = isFromImage ? 0o7777 : KEPT_FROM_CONTEXT;
  return {
    owner: owner ?? ROOT,
    transform: (entry) => {
      const mode = entry.mode & mask;
      return { ...entry, ...owner, mode: permissions?.(mode, entry.type === "directory") ?? mode };
    },
  };
}

function readOwner(
  { value, place }: FlagValue<string>,
  { tree, isLinked }: { tree: FileTree; isLinked: boolean },
): Owner {
  return atPlace(place, () => {
    if (isLinked && !/^[0-9]+(:[0-9]+)?$/.test(value)) {
      throw new ValueError(`--link does not look into the image for "${value}": --chown needs numbers`);
    }
    return parseOwner(value, tree);
  });
}
