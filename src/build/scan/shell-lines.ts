import { expandToWords, expandWord } from "../../kubefile/expand.ts";
import { WordError } from "../../kubefile/word-parts.ts";

/** Simple commands, each its words, as far as a script can be followed without running it. */
export type SimpleCommands = readonly (readonly string[])[];

const OPERATORS = /^(?:&&|\|\||;|;;|\||&|\(|\)|\{|\}|then|do|else|!)$/;
const ASSIGNMENT = /^(?:export\s+|readonly\s+|local\s+)*([A-Za-z_]\w*)=(.*)$/s;

/**
 * Reads shell text: words with their quotes removed and their variables replaced, commands apart. Assignments on lines of
 * their own change the variables. `$(NAME)` is the variable, as in the command lines of images.
 */
export function readShell(text: string, environment: Readonly<Record<string, string>>): SimpleCommands {
  const variables = new Map(Object.entries(environment));
  const lines = text.replace(/\\\r?\n/g, " ").split(/\r?\n/);
  return lines.flatMap((line) => readLine(line.trim(), variables));
}

function readLine(line: string, variables: Map<string, string>): SimpleCommands {
  const known = line.replace(/\$\(([A-Za-z_]\w*)\)/g, (text, name: string) =>
    variables.has(name) ? `\${${name}}` : text,
  );
  try {
    const [, name, value] = ASSIGNMENT.exec(known) ?? [];
    if (name !== undefined && value !== undefined && splitWords(value).length <= 1) {
      variables.set(name, expandWord(value, { lookup: (key) => variables.get(key), escape: "\\" }));
      return [];
    }
    return splitCommands(splitWords(known), variables);
  } catch (error) {
    if (error instanceof WordError) return []; // the shell knows more than words with variables
    throw error;
  }
}

function splitCommands(words: readonly string[], variables: ReadonlyMap<string, string>): SimpleCommands {
  const commands: string[][] = [[]];
  for (const word of words) {
    if (OPERATORS.test(word)) commands.push([]);
    else commands.at(-1)?.push(...expandToWords(word, { lookup: (name) => variables.get(name), escape: "\\" }));
  }
  return commands.filter((command) => command.length > 0);
}

/** Words with their quotes, and the operators between them; what is behind `#` is left out. */
function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  for (const [token] of line.matchAll(
    /#.*|&&|\|\||;;|[;|&()]|(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|\$\([^)]*\)|\$\{[^}]*\}|[^\s;|&()'"\\]|\\$|['"])+/gs,
  )) {
    if (token.startsWith("#")) break;
    words.push(token);
  }
  return words;
}
