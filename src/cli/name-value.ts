import { UsageError } from "../base/error.ts";

/**
 * `NAME=VALUE` of a flag as an object; the last of a name wins. A name alone takes its value from `fallback`, and is
 * left out when that has none.
 * @throws {UsageError} when a name is missing, or a value where there is no fallback.
 */
export function parseNameValues(
  flag: string,
  entries: readonly string[],
  fallback?: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const pairs = entries.map((entry): [string, string | undefined] => {
    const equals = entry.indexOf("=");
    if (equals === 0 || entry === "" || (equals < 0 && !fallback)) {
      throw new UsageError(`Invalid value "${entry}" of --${flag}: expected NAME=VALUE`);
    }
    return equals < 0 ? [entry, fallback?.[entry]] : [entry.slice(0, equals), entry.slice(equals + 1)];
  });
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
