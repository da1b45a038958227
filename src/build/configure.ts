import { posix } from "node:path";

import { assertNever } from "../base/error.ts";
import { expandToWords } from "../kubefile/expand.ts";
import type { CommandInstruction, CommandLine, ListInstruction, TextInstruction } from "../kubefile/instruction.ts";
import type { Escape } from "../kubefile/logical-line.ts";
import { applyArg, applyEnv, expand, expandPairs, lookupIn, type Expansion } from "./apply-variables.ts";
import type { ConfigInstruction } from "./build-plan.ts";
import { parseHealthcheck } from "./healthcheck.ts";
import type { StageState } from "./stage-state.ts";
import { ValueError } from "./value-error.ts";
import type { ArgumentSources } from "./variables.ts";

export interface ConfigureOptions {
  readonly escape: Escape;
  readonly sources: ArgumentSources;
}

/**
 * What an instruction that adds no files does.
 * @throws {ValueError} and {WordError}, whose place is that of the instruction
 */
export function configure(state: StageState, instruction: ConfigInstruction, options: ConfigureOptions): StageState {
  const expansion: Expansion = { escape: options.escape, variables: state.variables };
  switch (instruction.kind) {
    case "ARG":
      return { ...state, variables: applyArg(instruction, expansion, options.sources) };
    case "ENV":
      return { ...state, variables: applyEnv(instruction, expansion) };
    case "LABEL":
      return withConfig(state, {
        Labels: { ...state.config.Labels, ...Object.fromEntries(expandPairs(instruction.pairs, expansion)) },
      });
    case "WORKDIR":
    case "USER":
    case "STOPSIGNAL":
    case "MAINTAINER":
      return setText(state, instruction, expansion);
    case "EXPOSE":
    case "VOLUME":
      return addToList(state, instruction, expansion);
    case "CMD":
    case "ENTRYPOINT":
    case "SHELL":
      return setCommand(state, instruction);
    case "HEALTHCHECK":
      return withConfig(state, { Healthcheck: parseHealthcheck(instruction) });
    case "ONBUILD":
      return withConfig(state, { OnBuild: [...(state.config.OnBuild ?? []), instruction.trigger.text] });
    default:
      return assertNever(instruction);
  }
}

function withConfig(state: StageState, change: StageState["config"]): StageState {
  return { ...state, config: { ...state.config, ...change } };
}

function setText(state: StageState, { kind, value }: TextInstruction, expansion: Expansion): StageState {
  if (kind === "MAINTAINER") return { ...state, author: value.text };
  const text = expand(value, expansion);
  if (text === "") throw new ValueError(`${kind} "${value.text}" is empty after its variables are replaced`);
  if (kind === "USER") return withConfig(state, { User: text });
  if (kind === "STOPSIGNAL") return withConfig(state, { StopSignal: text });
  return withConfig(state, { WorkingDir: posix.resolve("/", state.config.WorkingDir ?? "/", text) });
}

function addToList(state: StageState, { kind, words }: ListInstruction, expansion: Expansion): StageState {
  const { escape, variables } = expansion;
  if (kind === "VOLUME") {
    const paths = words.map((word) => expand(word, expansion));
    if (paths.includes("")) throw new ValueError("VOLUME has an empty path");
    return withConfig(state, { Volumes: { ...state.config.Volumes, ...toSet(paths) } });
  }
  const ports = words.flatMap(({ text }) => expandToWords(text, { lookup: lookupIn(variables), escape }));
  return withConfig(state, { ExposedPorts: { ...state.config.ExposedPorts, ...toSet(ports.map(parsePort)) } });
}

/** `80` is `80/tcp`; ranges stay as they are. */
function parsePort(text: string): string {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (!match || last > 65535 || first > last) {
    throw new ValueError(`expected PORT, PORT/udp or FIRST-LAST, found "${text}"`);
  }
  return `${match[2] === undefined ? first : `${first}-${last}`}/${(match[3] ?? "tcp").toLowerCase()}`;
}

function toSet(keys: readonly string[]): Record<string, object> {
  return Object.fromEntries(keys.map((key) => [key, {}]));
}

function setCommand(state: StageState, { kind, command }: CommandInstruction): StageState {
  const words = toArguments(command, state.config.Shell);
  if (kind === "SHELL") return withConfig(state, { Shell: words });
  if (kind === "CMD") return { ...withConfig(state, { Cmd: words }), hasOwnCommand: true };
  if (state.hasOwnCommand) return withConfig(state, { Entrypoint: words });
  const { Cmd: _, ...config } = state.config;
  return { ...state, config: { ...config, Entrypoint: words } };
}

/** The shell form is one line for a shell. */
function toArguments(command: CommandLine, shell: readonly string[] = ["/bin/sh", "-c"]): readonly string[] {
  return command.form === "exec" ? command.arguments : [...shell, command.text];
}
