import { posix } from "node:path";

import { compileWildcards, hasWildcards } from "./wildcards.ts";

/** The lines of a `.containerignore` or `.dockerignore` file. */
export interface IgnoreRules {
  /** True when the path is left out, by its own name or by that of a folder it is in. */
  excludes(path: string): boolean;
  /** True when something below an excluded folder may be taken back by a later `!` line. */
  mayExcept(folder: string): boolean;
}

interface Rule {
  readonly pattern: RegExp;
  readonly isException: boolean;
  /** The pattern's parts before the first wildcard. */
  readonly literalPrefix: string;
}

/** The last line that matches a path, or a folder it is in, decides. */
export function parseIgnoreRules(text: string): IgnoreRules {
  const lines = text.split("\n").map((line) => line.replace(/^\ufeff/, "").trim());
  return parseIgnorePatterns(lines.filter((line) => !line.startsWith("#")));
}

/** The same of patterns that are not lines of a file: no comments. */
export function parseIgnorePatterns(patterns: readonly string[]): IgnoreRules {
  const rules = patterns.flatMap((pattern) => parseRule(pattern) ?? []);
  const exceptions = rules.filter(({ isException }) => isException);
  return {
    excludes(path) {
      const candidates = withParents(path);
      const decisive = rules.findLast(({ pattern }) => candidates.some((candidate) => pattern.test(candidate)));
      return decisive !== undefined && !decisive.isException;
    },
    mayExcept: (folder) =>
      exceptions.some(
        ({ literalPrefix }) =>
          literalPrefix === "" || isWithin(literalPrefix, folder) || isWithin(folder, literalPrefix),
      ),
  };
}

function parseRule(text: string): Rule | undefined {
  const isException = text.startsWith("!");
  const pattern = posix.normalize(text.slice(isException ? 1 : 0).trim()).replace(/^\/+|\/+$/g, "");
  if (pattern === "" || pattern === ".") return undefined;
  const parts = pattern.split("/");
  const wild = parts.findIndex(hasWildcards);
  const literalPrefix = (wild < 0 ? parts : parts.slice(0, wild)).join("/");
  return { pattern: compileWildcards(pattern), isException, literalPrefix };
}

function withParents(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
