import type { Command } from "./define-command.ts";

/** The groups of `sealos --help`, in their order. */
export const COMMAND_GROUPS = {
  cluster: "Cluster commands",
  remote: "Remote operation commands",
  image: "Container and image commands",
  other: "Other commands",
} as const;

/** A command's name and where it is: `--help` needs no more, so that only the command that runs is loaded. */
export interface CommandEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly hidden?: boolean;
  readonly target: CommandTarget;
}

/** Either the command or the commands below it. */
export type CommandTarget =
  | { readonly kind: "command"; readonly load: () => Promise<Command> }
  | { readonly kind: "group"; readonly commands: readonly CommandEntry[] };

export interface GroupedEntry extends CommandEntry {
  readonly group: keyof typeof COMMAND_GROUPS;
}

export const COMMAND_TABLE: readonly GroupedEntry[] = [
  {
    name: "version",
    group: "other",
    summary: "Print the version",
    target: { kind: "command", load: async () => (await import("./commands/version.ts")).version },
  },
  {
    name: "env",
    group: "other",
    summary: "Print the settings that come from the environment",
    target: { kind: "command", load: async () => (await import("./commands/env.ts")).env },
  },
];
