/** Words of a shell form (`/bin/sh -c TEXT`): every element is a shell line anyway. */
const SHELL_WORDS = new Set(["/bin/sh", "-c"]);

/** The shell lines of an image: those of ENTRYPOINT, then those of CMD; each runs in the image's folder. */
export function guestLines(entrypoint: readonly string[], command: readonly string[]): string[] {
  return [...entrypoint, ...command].filter((element) => !SHELL_WORDS.has(element) && element.trim() !== "");
}

/**
 * Replaces `$(NAME)`, `${NAME}` and `$NAME` by the values of known names, also within single quotes, and `$$` by `$`.
 * What is not known stays for the shell.
 */
export function expandVariables(line: string, env: Readonly<Record<string, string>>): string {
  return line.replace(
    /\$(?:(\$)|\((\w+)\)|\{(\w+)\}|([A-Za-z_]\w*))/g,
    (whole: string, dollar?: string, round?: string, curly?: string, bare?: string) => {
      if (dollar !== undefined) return "$";
      const name = round ?? curly ?? bare ?? "";
      return Object.hasOwn(env, name) ? (env[name] ?? whole) : whole;
    },
  );
}
