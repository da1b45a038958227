import type { Span } from "./source.ts";

/** A word as written: quotes, escapes and variables are still in it. */
export interface Word {
  readonly text: string;
  readonly span: Span;
}

/** `--name` or `--name=value` behind the instruction's keyword. */
export interface Flag {
  readonly name: string;
  readonly value: Word | undefined;
  readonly span: Span;
}

/** `name=value`, or a name alone. */
export interface Pair {
  readonly name: Word;
  readonly value: Word | undefined;
}

/** The JSON form is taken as it is; the shell form is the text behind the keyword. */
export type CommandLine =
  | { readonly form: "exec"; readonly arguments: readonly string[]; readonly span: Span }
  | { readonly form: "shell"; readonly text: string; readonly span: Span };

/** `<<NAME` and the lines up to NAME. */
export interface Heredoc {
  readonly name: string;
  /** False when the name was quoted: the content is taken as it is. */
  readonly expands: boolean;
  /** What stands between the lines of the word and the end; with `<<-` without leading tabs. */
  readonly content: string;
  /** Of the word `<<NAME`. */
  readonly word: Word;
}

interface Base<Kind extends string> {
  readonly kind: Kind;
  /** All of the instruction, heredocs included. */
  readonly span: Span;
  readonly keyword: Span;
  readonly flags: readonly Flag[];
  /** The instruction as one line, continuations joined. */
  readonly text: string;
}

export interface FromInstruction extends Base<"FROM"> {
  readonly image: Word;
  /** In lower case. */
  readonly stage: Word | undefined;
}

export interface ArgInstruction extends Base<"ARG"> {
  readonly pairs: readonly Pair[];
}

export interface PairsInstruction extends Base<"ENV" | "LABEL"> {
  readonly pairs: readonly Pair[];
}

export interface CopyInstruction extends Base<"COPY" | "ADD"> {
  readonly sources: readonly Word[];
  readonly destination: Word;
  readonly heredocs: readonly Heredoc[];
}

export interface TextInstruction extends Base<"WORKDIR" | "USER" | "STOPSIGNAL" | "MAINTAINER"> {
  readonly value: Word;
}

export interface ListInstruction extends Base<"EXPOSE" | "VOLUME"> {
  readonly words: readonly Word[];
}

export interface CommandInstruction extends Base<"CMD" | "ENTRYPOINT" | "SHELL"> {
  readonly command: CommandLine;
}

export interface RunInstruction extends Base<"RUN"> {
  readonly command: CommandLine;
  readonly heredocs: readonly Heredoc[];
}

export interface HealthcheckInstruction extends Base<"HEALTHCHECK"> {
  /** Absent for NONE, which switches an inherited check off. */
  readonly command: CommandLine | undefined;
}

export interface OnbuildInstruction extends Base<"ONBUILD"> {
  readonly trigger: Instruction;
}

export type Instruction =
  | FromInstruction
  | ArgInstruction
  | PairsInstruction
  | CopyInstruction
  | TextInstruction
  | ListInstruction
  | CommandInstruction
  | RunInstruction
  | HealthcheckInstruction
  | OnbuildInstruction;

export type InstructionKind = Instruction["kind"];
