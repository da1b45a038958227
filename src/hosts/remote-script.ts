import { InputError } from "../base/error.ts";
import { quoteWord, type Command } from "./command.ts";
import { Secret } from "../base/secret.ts";

/** How the login becomes root. */
export type Elevation = { readonly kind: "none" } | { readonly kind: "sudo"; readonly password: Secret | undefined };

export interface ScriptOptions {
  /** Written to standard error when the command itself ended with 255, which `ssh` uses for its own failures. */
  readonly marker: string;
  /** For the command's standard input; `"rest"`: what follows the script on the pipe. */
  readonly stdin: Uint8Array | "rest" | undefined;
}

const SYSTEM_PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The POSIX shell text that performs a command. It goes to the host over a pipe, so that nothing of the command is in
 * the arguments of a process that is not the command's own. Unless the command reads the rest of the pipe, the end of
 * the pipe ends the command with its process group: it lives no longer than its connection.
 */
export function renderScript(command: Command, { marker, stdin }: ScriptOptions): string {
  const call = command.argv.map((word) => quoteWord(withoutNul(word))).join(" ");
  const lines = stdin === "rest" ? [`(exec ${call})`] : [...WATCH, feed(stdin, `(exec ${call})`)];
  return [
    `export LC_ALL=C PATH="$PATH:${SYSTEM_PATHS}"`,
    ...Object.entries(command.env ?? {}).map(renderExport),
    ...(command.cwd === undefined ? [] : [`cd -- ${quoteWord(withoutNul(command.cwd))} || exit`]),
    ...lines,
    "status=$?",
    ...(stdin === "rest" ? [] : ['kill -s KILL "$watch"']),
    `[ "$status" -ne 255 ] || printf %s ${quoteWord(marker)} >&2`,
    'exit "$status"',
  ].join("\n");
}

/** `read` ends when the pipe ends. The fifth field of /proc/PID/stat is the process group. */
const WATCH = [
  "exec 3<&0 </dev/null",
  'read -r _ _ _ _ group _ <"/proc/$$/stat"',
  "(",
  "  exec >/dev/null 2>&1",
  "  trap '' TERM",
  "  read -r _ <&3",
  '  kill -s TERM -- "-$group"',
  "  sleep 5",
  '  kill -s KILL -- "-$group"',
  ") &",
  "watch=$!",
  "exec 3<&-",
];

/** `printf` is built into the shell: the content is in nobody's arguments. */
function feed(stdin: Uint8Array | undefined, call: string): string {
  if (stdin === undefined) return call;
  return `printf %s '${Buffer.from(stdin).toString("base64")}' | base64 -d | ${call}`;
}

/** The standard input that the command itself names. */
export function inputOf({ stdin }: Command): Uint8Array | undefined {
  if (stdin === undefined) return undefined;
  return Buffer.from(stdin instanceof Secret ? stdin.reveal() : stdin);
}

function renderExport([name, value]: [string, string | Secret]): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new InputError(`Cannot set the environment variable "${name}": expected letters, digits and underscores`);
  }
  return `export ${name}=${quoteWord(withoutNul(value instanceof Secret ? value.reveal() : value))}`;
}

/** No program can be given a NUL character, and a shell would drop it silently. */
function withoutNul(word: string): string {
  if (word.includes("\0")) throw new InputError("Cannot run a command: an argument or variable has a NUL character");
  return word;
}

/** What starts a script on the host. */
export interface Launch {
  /** For the login's shell: tells nothing but the size of the script. */
  readonly shellText: string;
  /** To be written to its standard input before anything else. */
  readonly prelude: Buffer;
}

/**
 * Plans the start of a script as root. `head -c` and the shell's `read` take no byte too many from a pipe, so that what
 * follows the prelude is left for the script.
 */
export function launch(script: string, elevation: Elevation, separator: string): Launch {
  const body = Buffer.from(script);
  const evaluate = `eval "$(head -c ${body.byteLength})"`;
  const password = elevation.kind === "sudo" ? elevation.password : undefined;
  if (!password) return { shellText: shellTextOf(evaluate, elevation), prelude: body };
  // Whether sudo reads the password or wants none, the script starts after the separator.
  const skip = `while IFS= read -r line && [ "$line" != ${separator} ]; do :; done; ${evaluate}`;
  return {
    shellText: shellTextOf(skip, elevation),
    prelude: Buffer.concat([Buffer.from(`${password.reveal()}\n${separator}\n`), body]),
  };
}

/** For the login's shell, whichever it is: runs a POSIX shell text as root. `-k`: no remembered password is used. */
export function shellTextOf(script: string, elevation: Elevation): string {
  const shell = `sh -c ${quoteWord(script)}`;
  if (elevation.kind === "none") return `exec ${shell}`;
  return elevation.password ? `exec sudo -k -S -p "" ${shell}` : `exec sudo -k -n ${shell}`;
}
