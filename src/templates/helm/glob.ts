import { quoteMeta, Regexp } from "../regexp/regexp.ts";

export interface GlobOptions {
  /** Whether `**` goes on behind a `/`. */
  readonly crossesFolders: boolean;
}

/** A shell pattern over paths: `*`, `**`, `?`, `[a-z]`, `[!a]`, `{a,b}` and backslashes. */
export function globToRegexp(pattern: string, { crossesFolders }: GlobOptions): Regexp {
  let expression = "";
  let braces = 0;
  for (const token of pattern.match(/\*\*|\\[^]|\[!?[^\]]+\]|[^]/gu) ?? []) {
    if (token === "**" && crossesFolders) expression += "(?s:.*)";
    else if (token.startsWith("*")) expression += "[^/]*";
    else if (token === "?") expression += "[^/]";
    else if (/^\[.+\]$/s.test(token)) expression += token.replace(/^\[!/, "[^").replaceAll("\\", "\\\\");
    else if (token === "{" && crossesFolders) {
      braces++;
      expression += "(?:";
    } else if (token === "}" && braces > 0) {
      braces--;
      expression += ")";
    } else if (token === "," && braces > 0) expression += "|";
    else expression += quoteMeta(token.length > 1 && token.startsWith("\\") ? token.slice(1) : token);
  }
  return new Regexp(`\\A(?:${expression}${")".repeat(braces)})\\z`);
}
