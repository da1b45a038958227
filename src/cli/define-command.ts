import type { Context } from "../base/context.ts";
import { UsageError } from "../base/error.ts";
import type { Environment } from "./environment.ts";
import { GLOBAL_FLAGS, OUTPUT_FLAG, type FlagSpecs, type FlagValue, type FlagValues } from "./flag.ts";
import { parseArguments } from "./parse-arguments.ts";
import { assignPositionals, type PositionalValues } from "./positional.ts";

/** What a command takes and does. Its name, summary and group stand in the command table. */
export interface CommandSpec<Args extends readonly string[], Flags extends FlagSpecs, Data> {
  /** Paragraphs for `--help`, below the summary. */
  readonly description?: string;
  /** Complete command lines. */
  readonly examples?: readonly string[];
  /** Positional arguments as usage lines write them: `image`, `[name]`, `image...`, `[image...]`. */
  readonly args?: Args;
  readonly flags?: Flags;
  /**
   * What `--output json` prints: `json` the result, `events` every progress event and then the result, one object a
   * line. Absent: the command has no such flag.
   */
  readonly output?: "json" | "events";
  /** Calls one action. Prints nothing. */
  run(ctx: Context, input: CommandInput<Args, Flags>): Promise<Data>;
  /** The result as text for stdout: a last line break that it lacks is added, an empty text prints nothing. */
  render(data: Data, input: CommandInput<Args, Flags>): string | Promise<string>;
  /** What the user should know besides the result, for stderr. */
  notes?(data: Data): readonly string[];
  /** For a result that is an answer and yet no success, such as an unhealthy cluster. Absent: 0. */
  exitCode?(data: Data): number;
}

export interface CommandInput<Args extends readonly string[], Flags extends FlagSpecs> {
  readonly args: PositionalValues<Args>;
  readonly flags: FlagValues<Flags>;
  readonly environment: Environment;
}

/** A command whose types of arguments and result are its own affair. */
export interface Command {
  readonly description: string | undefined;
  readonly examples: readonly string[];
  readonly args: readonly string[];
  /** Its own flags and those of every command. */
  readonly flags: FlagSpecs;
  /** @throws {UsageError} when the arguments are wrong; nothing has been done then. */
  prepare(argv: readonly string[]): Invocation;
}

/** A command with its arguments, ready to run. */
export interface Invocation {
  readonly global: FlagValues<typeof GLOBAL_FLAGS>;
  readonly output: "text" | "json" | "events";
  /** Given flags that have no effect. */
  readonly ignoredFlags: readonly string[];
  run(ctx: Context, environment: Environment): Promise<CommandResult>;
}

export interface CommandResult {
  readonly data: unknown;
  readonly text: string;
  readonly exitCode: number;
  readonly notes: readonly string[];
}

export function defineCommand<
  const Args extends readonly string[] = readonly [],
  const Flags extends FlagSpecs = FlagSpecs,
  Data = unknown,
>(spec: CommandSpec<Args, Flags, Data>): Command {
  const patterns: readonly string[] = spec.args ?? [];
  const flags: FlagSpecs = { ...spec.flags, ...(spec.output ? OUTPUT_FLAG : {}), ...GLOBAL_FLAGS };
  return {
    description: spec.description,
    examples: spec.examples ?? [],
    args: patterns,
    flags,
    prepare(argv) {
      const { words, values, given } = parseArguments(flags, argv);
      refuseUnsupported(
        flags,
        [...given].filter((name) => values[name] !== false),
      );
      if (!hasValues(values, GLOBAL_FLAGS) || !hasValues(values, spec.flags)) throw new Error("A flag has no value");
      // Whoever asks for help has not made up their mind about the arguments.
      const args: unknown = values.help ? {} : assignPositionals(patterns, words);
      if (!hasPositionals<Args>(args)) throw new Error("An argument has no value");
      return {
        global: values["quiet"] === true ? { ...values, progress: "none" } : values,
        output: values["output"] === "json" && spec.output ? spec.output : "text",
        ignoredFlags: [...given].filter((name) => flags[name]?.ignored),
        async run(ctx, environment) {
          const input = { args, flags: values, environment };
          const data = await spec.run(ctx, input);
          return {
            data,
            text: await spec.render(data, input),
            notes: spec.notes?.(data) ?? [],
            exitCode: spec.exitCode?.(data) ?? 0,
          };
        },
      };
    },
  };
}

function refuseUnsupported(flags: FlagSpecs, given: readonly string[]): void {
  const name = given.find((flag) => flags[flag]?.unsupported);
  if (name === undefined) return;
  const instead = flags[name]?.unsupported;
  const hint = typeof instead === "string" ? instead : undefined;
  throw new UsageError(`The flag --${name} is known but not supported yet`, { hint });
}

/** The parser gives every flag a value of its type; this says so to the compiler. */
function hasValues<Flags extends FlagSpecs>(
  values: Readonly<Record<string, FlagValue>>,
  specs: Flags | undefined,
): values is Readonly<Record<string, FlagValue>> & FlagValues<Flags> {
  return Object.keys(specs ?? {}).every((name) => name in values);
}

/** The same for positional arguments. */
function hasPositionals<Args extends readonly string[]>(args: unknown): args is PositionalValues<Args> {
  return typeof args === "object";
}
