import { ChartError } from "./errors.ts";
import { globToRegexp } from "./glob.ts";
import { splitManifests } from "./manifests.ts";

const SOURCE_LINE = /^# Source: [^/\n]+\/(.+)$/m;

/**
 * The documents of what `helm template` prints that come from the named templates, pattern by pattern. Patterns are
 * relative to the chart's folder. @throws {ChartError} when a pattern fits none.
 */
export function showOnly(printed: string, patterns: readonly string[]): string {
  const documents = splitManifests(printed).flatMap((text) => {
    const path = SOURCE_LINE.exec(text)?.[1];
    return path === undefined ? [] : [{ path, text }];
  });
  const wanted = patterns.flatMap((pattern) => {
    const regexp = globToRegexp(pattern, { crossesFolders: false });
    const found = documents.filter(({ path }) => regexp.find(path) !== undefined);
    if (found.length > 0) return found;
    throw new ChartError(`Cannot show only "${pattern}": no such template in the chart gives anything`, {
      hint: "Name a file as the `# Source:` lines do, without the chart's name",
    });
  });
  return wanted.map(({ text }) => `---\n${text}\n`).join("");
}
