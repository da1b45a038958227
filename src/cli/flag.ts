/** What every kind of flag can say about itself. */
interface FlagDetails {
  readonly help: string;
  /** One letter, for `-t`. */
  readonly short?: string;
  /** How the help calls the value: `NAME`, `FILE`. */
  readonly value?: string;
  /** Works, but is not shown by the help. */
  readonly hidden?: boolean;
  /** The reference tool's flag that means nothing here: it is accepted and said to have no effect. */
  readonly ignored?: boolean;
  /** Another tool's flag that would change the result: using it is an error. A text says what to do instead. */
  readonly unsupported?: boolean | string;
}

export interface BooleanFlag extends FlagDetails {
  readonly type: "boolean";
  /** Default `false`. */
  readonly default?: boolean;
}

export interface StringFlag extends FlagDetails {
  readonly type: "string";
  readonly default?: string;
  readonly choices?: readonly string[];
  /** The value of the flag written without one, as in `--pull`. */
  readonly bare?: string;
}

export interface IntegerFlag extends FlagDetails {
  readonly type: "integer";
  readonly default?: number;
}

export interface ListFlag extends FlagDetails {
  /** `list` splits its values at commas and can be repeated, `array` can only be repeated. */
  readonly type: "list" | "array";
}

export type FlagSpec = BooleanFlag | StringFlag | IntegerFlag | ListFlag;
export type FlagSpecs = Readonly<Record<string, FlagSpec>>;
export type FlagValue = boolean | string | number | readonly string[] | undefined;

/** The values that a set of flags parses to. */
export type FlagValues<Specs extends FlagSpecs> = { readonly [Name in keyof Specs]: ValueOf<Specs[Name]> };

type ValueOf<Spec extends FlagSpec> = Spec extends BooleanFlag
  ? boolean
  : Spec extends ListFlag
    ? readonly string[]
    : Spec extends IntegerFlag
      ? number | UnlessDefault<Spec>
      : Spec extends { readonly choices: readonly (infer Choice)[] }
        ? Choice | UnlessDefault<Spec>
        : string | UnlessDefault<Spec>;

type UnlessDefault<Spec> = Spec extends { readonly default: string | number } ? never : undefined;

/** What other tools want to know of their storage: nothing of it is needed here. */
const STORAGE_FLAGS = {
  runroot: { type: "string", hidden: true, ignored: true, help: "The store keeps no state elsewhere" },
  "storage-driver": { type: "string", hidden: true, ignored: true, help: "The store is a folder" },
  "storage-opt": { type: "array", hidden: true, ignored: true, help: "The store is a folder" },
  "cgroup-manager": { type: "string", hidden: true, ignored: true, help: "No container is run" },
  "userns-uid-map": { type: "array", hidden: true, ignored: true, help: "No container is run" },
  "userns-gid-map": { type: "array", hidden: true, ignored: true, help: "No container is run" },
  "default-mounts-file": { type: "string", hidden: true, ignored: true, help: "No container is run" },
  "cpu-profile": { type: "string", hidden: true, ignored: true, help: "Node has its own profiler" },
  "memory-profile": { type: "string", hidden: true, ignored: true, help: "Node has its own profiler" },
  "log-level": { type: "string", hidden: true, ignored: true, help: "--debug shows more" },
} as const satisfies FlagSpecs;

/** The flags of every command. */
export const GLOBAL_FLAGS = {
  root: { type: "string", value: "DIR", hidden: true, help: "Folder of the image store" },
  ...STORAGE_FLAGS,
  debug: { type: "boolean", help: "Show the output of commands, and stacks of errors" },
  progress: {
    type: "string",
    value: "MODE",
    choices: ["auto", "tty", "plain", "json", "none"],
    default: "auto",
    help: "How to show progress on stderr",
  },
  help: { type: "boolean", short: "h", help: "Show this help" },
} as const satisfies FlagSpecs;

/** Of commands with much progress: the same as `--progress none`. */
export const QUIET_FLAG = {
  quiet: { type: "boolean", short: "q", help: "Show no progress" },
} as const satisfies FlagSpecs;

/** Added to commands whose result can be had as JSON. */
export const OUTPUT_FLAG = {
  output: {
    type: "string",
    short: "o",
    value: "FORMAT",
    choices: ["text", "json"],
    default: "text",
    help: "Format of the result on stdout",
  },
} as const satisfies FlagSpecs;

/** Several flags that differ in nothing but their names. */
export function flagsNamed<Spec extends FlagSpec>(names: readonly string[], spec: Spec): Record<string, Spec> {
  return Object.fromEntries(names.map((name) => [name, spec]));
}

export function takesValue(spec: FlagSpec): boolean {
  return spec.type !== "boolean" && !(spec.type === "string" && spec.bare !== undefined);
}
