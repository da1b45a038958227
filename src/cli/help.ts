import { renderTable } from "../base/text.ts";
import { COMMAND_GROUPS, type CommandEntry, type GroupedEntry } from "./command-table.ts";
import type { Command } from "./define-command.ts";
import { GLOBAL_FLAGS, takesValue, type FlagSpec, type FlagSpecs } from "./flag.ts";
import { renderPositional } from "./positional.ts";

const PROGRAM = "sealos";

/** `sealos --help`. */
export function renderRootHelp(entries: readonly GroupedEntry[]): string {
  const groups = Object.entries(COMMAND_GROUPS).flatMap(([group, title]) => {
    const members = entries.filter((entry) => entry.group === group);
    return members.some(({ hidden }) => !hidden) ? [`${title}:\n${renderEntries(members)}`] : [];
  });
  return [
    "Build, distribute and run Kubernetes clusters as OCI images.",
    `Usage:\n  ${PROGRAM} COMMAND [FLAGS]`,
    ...groups,
    `Flags of every command:\n${renderFlags(GLOBAL_FLAGS)}`,
    `Use "${PROGRAM} help COMMAND" for more about a command.`,
  ].join("\n\n");
}

/** Help of a command that only has commands below it. */
export function renderGroupHelp(path: readonly string[], entry: CommandEntry, below: readonly CommandEntry[]): string {
  const name = [PROGRAM, ...path].join(" ");
  return [
    `${entry.summary}.`,
    `Usage:\n  ${name} COMMAND [FLAGS]`,
    `Commands:\n${renderEntries(below)}`,
    `Use "${name} COMMAND --help" for more about a command.`,
  ].join("\n\n");
}

/** `sealos COMMAND --help`. */
export function renderCommandHelp(path: readonly string[], entry: CommandEntry, command: Command): string {
  const own = Object.fromEntries(Object.entries(command.flags).filter(([name]) => !(name in GLOBAL_FLAGS)));
  const flags = renderFlags(own);
  return [
    `${entry.summary}.`,
    ...(command.description === undefined ? [] : [command.description]),
    `Usage:\n  ${renderUsage(path, command)}`,
    ...section("Aliases", entry.aliases && `  ${[entry.name, ...entry.aliases].join(", ")}`),
    ...section("Examples", command.examples.map((example) => `  ${example}`).join("\n")),
    ...section("Flags", flags),
    `Flags of every command:\n${renderFlags(GLOBAL_FLAGS)}`,
  ].join("\n\n");
}

function section(title: string, text: string | undefined): string[] {
  return text ? [`${title}:\n${text}`] : [];
}

export function renderUsage(path: readonly string[], command: Command): string {
  return [PROGRAM, ...path, "[FLAGS]", ...command.args.map(renderPositional)].join(" ");
}

/** `--name NAME` with its short form. */
export function renderFlagName(name: string, spec: FlagSpec): string {
  const placeholder = spec.value ?? DEFAULT_PLACEHOLDERS[spec.type];
  const value = takesValue(spec) ? ` ${placeholder}` : spec.type === "boolean" ? "" : `[=${placeholder}]`;
  return `${spec.short === undefined ? "" : `-${spec.short}, `}--${name}${value}`;
}

/** What it is for, what it may be and what it is when it is not given. */
export function renderFlagHelp(spec: FlagSpec): string {
  const choices = spec.type === "string" && spec.choices ? `: ${spec.choices.join(", ")}` : "";
  const fallback =
    "default" in spec && spec.default !== undefined && spec.default !== false && spec.default !== ""
      ? spec.default
      : undefined;
  return `${spec.help}${choices}${fallback === undefined ? "" : ` (default ${fallback})`}`;
}

const DEFAULT_PLACEHOLDERS = { boolean: "", string: "TEXT", integer: "NUMBER", list: "LIST", array: "TEXT" };

function renderFlags(specs: FlagSpecs): string {
  const rows = Object.entries(specs)
    .filter(([, { hidden }]) => !hidden)
    .map(([name, spec]) => [
      `${spec.short === undefined ? "      " : "  "}${renderFlagName(name, spec)}`,
      renderFlagHelp(spec),
    ]);
  return renderTable(rows);
}

function renderEntries(entries: readonly CommandEntry[]): string {
  return renderTable(entries.filter(({ hidden }) => !hidden).map(({ name, summary }) => [`  ${name}`, summary]));
}
