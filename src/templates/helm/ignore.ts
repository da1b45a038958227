import { globToRegexp } from "./glob.ts";
import { decodeBytes } from "../value/bytes.ts";

interface Rule {
  readonly matches: (path: string) => boolean;
  readonly isNegated: boolean;
}

const HIDDEN_TEMPLATE = /^templates\/\.[^/]/;

/** Without the files that .helmignore names; templates that begin with a dot are always left out. */
export function filterIgnored(files: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  const text = decodeBytes(files.get(".helmignore") ?? new Uint8Array());
  const rules = text.split("\n").flatMap(parseRule);
  return new Map([...files].filter(([path]) => !isIgnored(path, rules)));
}

function parseRule(line: string): Rule[] {
  const pattern = line.trim();
  if (pattern === "" || pattern.startsWith("#") || pattern.includes("**")) return [];
  const isNegated = pattern.startsWith("!");
  const bare = pattern.replace(/^!/, "");
  const isFolder = bare.endsWith("/");
  const name = bare.replace(/\/$/, "");
  const regexp = globToRegexp(name.replace(/^\//, ""), { crossesFolders: false });
  const isAnchored = name.includes("/");
  const matchesOne = (path: string): boolean =>
    regexp.find(isAnchored ? path : path.slice(path.lastIndexOf("/") + 1)) !== undefined;
  return [{ isNegated, matches: (path) => prefixesOf(path, isFolder).some(matchesOne) }];
}

/** The file and the folders around it; for a rule that means folders only the latter. */
function prefixesOf(path: string, foldersOnly: boolean): readonly string[] {
  const parts = path.split("/");
  const count = foldersOnly ? parts.length - 1 : parts.length;
  return Array.from({ length: count }, (_, index) => parts.slice(0, index + 1).join("/"));
}

/** A negated rule ignores all that it does not match, as Helm does. */
function isIgnored(path: string, rules: readonly Rule[]): boolean {
  if (path === ".helmignore") return false;
  return HIDDEN_TEMPLATE.test(path) || rules.some(({ matches, isNegated }) => matches(path) !== isNegated);
}
