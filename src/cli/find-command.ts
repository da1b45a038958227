import { UsageError } from "../base/error.ts";
import { findClosest } from "../base/text.ts";
import type { CommandEntry } from "./command-table.ts";

/** The command that the first words name, and what is left. */
export interface FoundCommand {
  readonly path: readonly string[];
  readonly entry: CommandEntry;
  readonly rest: readonly string[];
}

/**
 * Follows the words down the tree of commands as far as they are names.
 * @throws {UsageError} when the next word is no command's name, with the closest one.
 */
export function findCommand(entries: readonly CommandEntry[], words: readonly string[]): FoundCommand {
  const [word, ...rest] = words;
  const entry = entries.find(({ name, aliases }) => name === word || aliases?.includes(word ?? ""));
  if (word === undefined || !entry) throw unknownCommand(entries, word ?? "");
  const next = rest[0];
  if (entry.target.kind === "command" || next === undefined || next.startsWith("-")) {
    return { path: [entry.name], entry, rest };
  }
  const below = findCommand(entry.target.commands, rest);
  return { ...below, path: [entry.name, ...below.path] };
}

function unknownCommand(entries: readonly CommandEntry[], word: string): UsageError {
  const names = entries.filter(({ hidden }) => !hidden).flatMap(({ name, aliases }) => [name, ...(aliases ?? [])]);
  const closest = findClosest(word, names);
  return new UsageError(`Unknown command "${word}"`, {
    hint: closest === undefined ? "Run `sealos --help` for the list of commands" : `Did you mean "${closest}"?`,
  });
}
