import type { FileTree } from "../context/file-tree.ts";
import { withoutIgnored } from "../context/ignored-tree.ts";
import { parseIgnorePatterns, type IgnoreRules } from "../context/ignore-rules.ts";

/** The patterns of `--exclude`, the last one that matches decides; undefined when there is none. */
export function parseExcludes(patterns: readonly string[]): IgnoreRules | undefined {
  return patterns.length === 0 ? undefined : parseIgnorePatterns(patterns);
}

/** A tree without what the rules exclude below `folder`: they match what `nameOf` makes of the paths there. */
export function excluding(
  tree: FileTree,
  rules: IgnoreRules,
  { folder, nameOf }: { folder: string; nameOf: (path: string) => string },
): FileTree {
  const isBelow = (path: string): boolean => folder === "" || path.startsWith(`${folder}/`);
  const renamed: IgnoreRules = {
    excludes: (path) => isBelow(path) && rules.excludes(nameOf(path)),
    mayExcept: (path) => rules.mayExcept(nameOf(path)),
  };
  return withoutIgnored(tree, { rules: renamed, name: "--exclude" });
}
