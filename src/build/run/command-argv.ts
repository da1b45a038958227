import type { Heredoc, RunInstruction } from "../../kubefile/instruction.ts";

const DEFAULT_SHELL = ["/bin/sh", "-c"];

/**
 * The program that a RUN starts. A line for the shell gets its heredocs behind it; a RUN that is nothing but a heredoc
 * is the script in it, which is for the shell unless it says by `#!` whom it is for.
 */
export function commandArgv(
  { command, heredocs }: Pick<RunInstruction, "command" | "heredocs">,
  shell: readonly string[] = DEFAULT_SHELL,
): readonly string[] {
  if (command.form === "exec") return command.arguments;
  const [only, ...others] = heredocs;
  const isScript = only !== undefined && others.length === 0 && command.text.trim() === only.word.text;
  if (!isScript) return [...shell, [command.text, ...heredocs.map(renderHeredoc)].join("\n")];
  const interpreter = /^#![ \t]*(\S+)(?:[ \t]+(\S.*?))?[ \t]*\n/.exec(only.content);
  if (!interpreter) return [...shell, only.content];
  // The interpreter reads the script from a descriptor: no file of it gets into the layer.
  const argument = interpreter[2] === undefined ? "" : ` '${interpreter[2].replaceAll("'", `'\\''`)}'`;
  return [
    ...DEFAULT_SHELL,
    `exec ${interpreter[1]}${argument} /dev/fd/3 3<<'${endOf(only)}'\n${only.content}${endOf(only)}`,
  ];
}

function renderHeredoc({ content, name }: Heredoc): string {
  return `${content}${name}`;
}

/** A line that the script does not have. */
function endOf({ content }: Heredoc): string {
  const lines = new Set(content.split("\n"));
  let end = "END_OF_SCRIPT";
  while (lines.has(end)) end += "_";
  return end;
}
