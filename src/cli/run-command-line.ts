import { join, resolve } from "node:path";

import type { Context } from "../base/context.ts";
import { assertNever } from "../base/error.ts";
import { Progress } from "../base/progress.ts";
import { printable } from "../base/text.ts";
import { COMMAND_TABLE } from "./command-table.ts";
import type { CommandResult, Invocation } from "./define-command.ts";
import type { Environment } from "./environment.ts";
import { findCommand } from "./find-command.ts";
import { GLOBAL_FLAGS } from "./flag.ts";
import { renderCommandHelp, renderGroupHelp, renderRootHelp } from "./help.ts";
import { parseArguments } from "./parse-arguments.ts";
import { EXIT_CODES, exitCodeOf, renderError, toErrorDocument } from "./render-error.ts";
import { createReporter, type Reporter, type ReportStream } from "./report/reporter.ts";
import { readSettings, type ProcessFacts, type Settings } from "./settings.ts";

/** The process as the command line sees it. */
export interface Program {
  readonly argv: readonly string[];
  readonly facts: ProcessFacts;
  readonly version: string;
  /** Aborted with an `InterruptedError` by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  readonly stdout: ReportStream;
  readonly stderr: ReportStream;
  readonly stdin: Environment["stdin"];
  readonly ask: Environment["ask"];
  readonly writeOutput?: Environment["writeOutput"];
  /** Keeps compiled code in this folder, which makes the next start faster. */
  readonly keepCode?: (folder: string) => void;
  readonly now: () => Date;
  readonly nowMs: () => number;
}

const ROOT_FLAGS = { ...GLOBAL_FLAGS, version: { type: "boolean", help: "Print the version" } } as const;

/** Runs one command line to its end. @returns the exit code. */
export async function runCommandLine(program: Program): Promise<number> {
  try {
    return await dispatch(program);
  } catch (error) {
    return fail(program, error, { debug: program.argv.includes("--debug") });
  }
}

async function dispatch(program: Program): Promise<number> {
  const { words, given, values } = parseArguments(ROOT_FLAGS, program.argv, { stopAtWord: true });
  if (values["version"] === true) return dispatch({ ...program, argv: ["version"] });
  const wantsHelp = words[0] === "help" || values["help"] === true;
  const path = words[0] === "help" ? words.slice(1) : words;
  if (path.length === 0) return print(program, renderRootHelp(COMMAND_TABLE));

  const found = findCommand(COMMAND_TABLE, path);
  const { target } = found.entry;
  if (target.kind === "group") return print(program, renderGroupHelp(found.path, found.entry, target.commands));
  if (!wantsHelp) program.keepCode?.(join(readSettings(program.facts).cacheRoot, "code"));
  const command = await target.load();
  const invocation = command.prepare(wantsHelp ? ["--help"] : [...leadingFlags(program.argv, given), ...found.rest]);
  if (invocation.global.help) return print(program, renderCommandHelp(found.path, found.entry, command));
  return invoke(program, invocation);
}

/** The flags in front of the command's name: they are flags of the command too. */
function leadingFlags(argv: readonly string[], given: ReadonlySet<string>): readonly string[] {
  if (given.size === 0) return [];
  const { words } = parseArguments(ROOT_FLAGS, argv, { stopAtWord: true });
  return argv.slice(0, argv.length - words.length).filter((token) => token !== "--");
}

async function invoke(program: Program, invocation: Invocation): Promise<number> {
  const { debug, root } = invocation.global;
  for (const line of notesOf(invocation)) program.stderr.write(`${line}\n`);
  const found = readSettings(program.facts);
  const settings = root === undefined ? found : { ...found, storeRoot: resolve(found.workingDirectory, root) };
  const { version, now, stdin, ask, writeOutput } = program;
  const reporter = openReporter(program, invocation, settings);
  const ctx: Context = { signal: program.signal, progress: Progress.root(reporter.listener, program.nowMs) };
  try {
    const result = await runAndClose(ctx, invocation, { settings, version, now, stdin, ask, writeOutput });
    reporter.close();
    for (const note of result.notes) program.stderr.write(`${printable(note)}\n`);
    print(program, renderResult(result, invocation.output));
    return result.exitCode;
  } catch (error) {
    reporter.close();
    const failure: unknown = program.signal.aborted ? program.signal.reason : error;
    if (invocation.output === "events") {
      program.stdout.write(`${JSON.stringify({ type: "error", ...toErrorDocument(failure) })}\n`);
    }
    return fail(program, failure, { debug });
  }
}

async function runAndClose(
  ctx: Context,
  invocation: Invocation,
  environment: Omit<Environment, "closeAtEnd">,
): Promise<CommandResult> {
  const resources: AsyncDisposable[] = [];
  try {
    return await invocation.run(ctx, { ...environment, closeAtEnd: (resource) => resources.push(resource) });
  } finally {
    for (const resource of resources.toReversed()) await resource[Symbol.asyncDispose]();
  }
}

function openReporter(program: Program, { global, output }: Invocation, settings: Settings): Reporter {
  const { hasColor, canRedraw } = settings;
  const { nowMs } = program;
  if (output === "events") {
    return createReporter("json", {
      stream: program.stdout,
      nowMs,
      hasColor,
      canRedraw,
      showsOutput: true,
    });
  }
  return createReporter(global.progress, {
    stream: program.stderr,
    nowMs,
    hasColor,
    canRedraw,
    showsOutput: global.debug,
  });
}

function renderResult({ data, text }: CommandResult, output: Invocation["output"]): string {
  switch (output) {
    case "text":
      return text;
    case "json":
      return JSON.stringify(data, undefined, 2);
    case "events":
      return JSON.stringify({ type: "result", data });
    default:
      return assertNever(output);
  }
}

function notesOf({ ignoredFlags }: Invocation): string[] {
  if (ignoredFlags.length === 0) return [];
  const names = ignoredFlags.map((name) => `--${name}`).join(", ");
  return [`Note: ${names} ${ignoredFlags.length === 1 ? "has" : "have"} no effect here`];
}

/** Ends the text with a line break if it does not have one. */
function print({ stdout }: Program, text: string): number {
  if (text !== "") stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  return EXIT_CODES.success;
}

function fail({ stderr, version }: Program, error: unknown, { debug }: { debug: boolean }): number {
  stderr.write(`${renderError(error, { debug, version })}\n`);
  return exitCodeOf(error);
}
