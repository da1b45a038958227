import type { Context } from "../../src/base/context.ts";
import { command, shell, type CommandOptions } from "../../src/hosts/command.ts";
import { localTransport } from "../../src/hosts/local-transport.ts";

/** The machine that carries the lab, as whoever runs this: sudo is not asked. */
const machine = localTransport({ userId: 0 });

/** Runs a program here; its output is shown as it comes. @returns its standard output. */
export async function runHere(
  ctx: Context,
  argv: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<string> {
  const { stdout } = await machine.run(ctx, command(argv, options));
  return stdout;
}

/** Asks a program for something. */
export async function queryHere(
  ctx: Context,
  argv: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<string> {
  const { stdout } = await machine.query(ctx, command(argv, options));
  return stdout;
}

/** True when the shell text ends with 0. */
export async function holdsHere(ctx: Context, script: string, ...parameters: string[]): Promise<boolean> {
  const { exitCode } = await machine.query(
    ctx,
    shell(`(${script}) || exit 1`, parameters, { allowedExitCodes: [0, 1] }),
  );
  return exitCode === 0;
}
