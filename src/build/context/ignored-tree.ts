import { childOf, type FileTree } from "./file-tree.ts";
import type { IgnoreRules } from "./ignore-rules.ts";

/** A tree without what the rules exclude. An excluded folder stays as far as something in it may be taken back. */
export function withoutIgnored(tree: FileTree, { rules, name }: { rules: IgnoreRules; name: string }): FileTree {
  const isHidden = (path: string) =>
    path !== "" && rules.excludes(path) && !(rules.mayExcept(path) && tree.find(path)?.type === "directory");
  return {
    ...(tree.hostRoot === undefined ? {} : { hostRoot: tree.hostRoot }),
    find: (path) => (isHidden(path) ? undefined : tree.find(path)),
    whyHidden: (path) => (isHidden(path) && tree.find(path) ? `it is excluded by "${name}"` : undefined),
    list: (path) => tree.list(path).filter((name) => !isHidden(childOf(path, name))),
  };
}
