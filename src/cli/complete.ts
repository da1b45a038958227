import type { CommandEntry } from "./command-table.ts";
import { takesValue, type FlagSpec, type FlagSpecs } from "./flag.ts";

/**
 * What can stand in the place of the last word: names of commands, flags, or the choices of a flag. Empty means that
 * the shell shall complete files.
 */
export async function completeWords(
  entries: readonly CommandEntry[],
  words: readonly string[],
): Promise<readonly string[]> {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1).filter((word, index) => word !== "help" || index > 0);
  const [entry, rest] = followWords(entries, before);
  if (!entry || entry.target.kind === "group") {
    const below = entry?.target.kind === "group" ? entry.target.commands : entries;
    return startingWith(
      current,
      below.filter(({ hidden }) => !hidden).map(({ name }) => name),
    );
  }
  const { flags } = await entry.target.load();
  const open = findFlag(flags, rest.at(-1));
  if (open && takesValue(open)) return startingWith(current, choicesOf(open));
  if (!current.startsWith("-")) return [];
  const visible = Object.keys(flags).filter((name) => !flags[name]?.hidden);
  return startingWith(
    current,
    visible.map((name) => `--${name}`),
  );
}

/** The command that the words lead to, and the words behind its name. */
function followWords(
  entries: readonly CommandEntry[],
  words: readonly string[],
): readonly [CommandEntry | undefined, readonly string[]] {
  const [word, ...rest] = words;
  const entry = entries.find(({ name, aliases }) => name === word || aliases?.includes(word ?? ""));
  if (!entry || entry.target.kind === "command" || rest.length === 0) return [entry, rest];
  return followWords(entry.target.commands, rest);
}

function findFlag(flags: FlagSpecs, word: string | undefined): FlagSpec | undefined {
  if (word?.startsWith("--")) return flags[word.slice(2)];
  return word?.startsWith("-") ? Object.values(flags).find(({ short }) => short === word.slice(1)) : undefined;
}

function choicesOf(flag: FlagSpec): readonly string[] {
  return flag.type === "string" ? (flag.choices ?? []) : [];
}

function startingWith(start: string, words: readonly string[]): string[] {
  return words.filter((word) => word.startsWith(start));
}
