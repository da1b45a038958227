import { COMMAND_GROUPS, type CommandEntry, type GroupedEntry } from "./command-table.ts";
import type { Command } from "./define-command.ts";
import { GLOBAL_FLAGS, type FlagSpecs } from "./flag.ts";
import { renderFlagHelp, renderFlagName, renderUsage } from "./help.ts";

/** A page of the reference: file name and Markdown text. */
export interface ReferencePage {
  readonly file: string;
  readonly text: string;
}

/** The reference of all commands: an index, and one page for each command. */
export async function renderReference(entries: readonly GroupedEntry[]): Promise<readonly ReferencePage[]> {
  const commands = (await Promise.all(entries.map((entry) => collectCommands(entry)))).flat();
  const pages = commands.map(({ path, entry, command }) => ({
    file: `${path.join("-")}.md`,
    text: renderPage(path, entry, command),
  }));
  const index = Object.entries(COMMAND_GROUPS).map(([group, title]) => {
    const names = new Set(entries.filter((entry) => entry.group === group).map(({ name }) => name));
    const members = commands.filter(({ path }) => names.has(path[0] ?? ""));
    return renderIndexGroup(title, members);
  });
  const text = ["# Commands", NOTICE, ...index, "## Flags of every command", renderFlags(GLOBAL_FLAGS)].join("\n\n");
  return [{ file: "README.md", text: `${text}\n` }, ...pages];
}

const NOTICE = "Written by `make docs` from the commands themselves; do not edit.";

interface CollectedCommand {
  readonly path: readonly string[];
  readonly entry: CommandEntry;
  readonly command: Command;
}

async function collectCommands(entry: CommandEntry, above: readonly string[] = []): Promise<CollectedCommand[]> {
  if (entry.hidden) return [];
  const path = [...above, entry.name];
  if (entry.target.kind === "command") return [{ path, entry, command: await entry.target.load() }];
  const below = await Promise.all(entry.target.commands.map((child) => collectCommands(child, path)));
  return below.flat();
}

function renderIndexGroup(title: string, members: readonly CollectedCommand[]): string {
  const rows = members.map(({ path, entry }) => `- [sealos ${path.join(" ")}](${path.join("-")}.md): ${entry.summary}`);
  return `## ${title}\n\n${rows.join("\n")}`;
}

function renderPage(path: readonly string[], entry: CommandEntry, command: Command): string {
  const own = Object.fromEntries(Object.entries(command.flags).filter(([name]) => !(name in GLOBAL_FLAGS)));
  const flags = renderFlags(own);
  const parts = [
    `# sealos ${path.join(" ")}`,
    NOTICE,
    `${entry.summary}.`,
    ...(command.description === undefined ? [] : [command.description]),
    codeBlock([renderUsage(path, command)]),
    ...(entry.aliases ? [`Aliases: ${entry.aliases.map((alias) => `\`${alias}\``).join(", ")}`] : []),
    ...(command.examples.length === 0 ? [] : ["## Examples", codeBlock(command.examples)]),
    ...(flags === "" ? [] : ["## Flags", flags]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function codeBlock(lines: readonly string[]): string {
  return ["```sh", ...lines, "```"].join("\n");
}

function renderFlags(specs: FlagSpecs): string {
  const visible = Object.entries(specs).filter(([, { hidden }]) => !hidden);
  if (visible.length === 0) return "";
  const rows = visible.map(
    ([name, spec]) => `| \`${renderFlagName(name, spec)}\` | ${escapeCell(renderFlagHelp(spec))} |`,
  );
  return ["| Flag | Meaning |", "| --- | --- |", ...rows].join("\n");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", String.raw`\|`);
}
