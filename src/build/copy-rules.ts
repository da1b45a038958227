import type { CopyInstruction } from "../kubefile/instruction.ts";
import { expand, type Expansion } from "./apply-variables.ts";
import type { FileTree, TreeEntry } from "./context/file-tree.ts";
import type { Owner } from "./layer/layer-draft.ts";
import { parseMode, parseOwner } from "./layer/owner.ts";
import { atPlace, type Place } from "./place.ts";

/** How owners and permission bits of what is copied change. */
export interface Attributes {
  /** Of folders that are made on the way to the destination. */
  readonly owner: Owner;
  readonly transform: (entry: TreeEntry) => TreeEntry;
}

const ROOT: Owner = { uid: 0, gid: 0 };
const KEPT_FROM_CONTEXT = 0o1777;

/**
 * Reads `--chown` and `--chmod`. What comes from a folder of this machine belongs to root and is never setuid or setgid;
 * what comes from an image keeps both.
 */
export function readAttributes(
  { flags }: CopyInstruction,
  { isFromImage, tree, expansion, place }: { isFromImage: boolean; tree: FileTree; expansion: Expansion; place: Place },
): Attributes {
  const flag = <T>(wanted: string, parse: (text: string) => T): T | undefined => {
    const found = flags.find(({ name }) => name === wanted);
    if (!found?.value) return undefined;
    const { value, span } = found;
    return atPlace({ ...place, span }, () => parse(expand(value, expansion)));
  };
  const owner = flag("chown", (text) => parseOwner(text, tree)) ?? (isFromImage ? undefined : ROOT);
  const mode = flag("chmod", parseMode);
  const mask = isFromImage ? 0o7777 : KEPT_FROM_CONTEXT;
  return {
    owner: owner ?? ROOT,
    transform: (entry) => ({ ...entry, ...owner, mode: mode ?? entry.mode & mask }),
  };
}
