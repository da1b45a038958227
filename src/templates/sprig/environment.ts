import { FunctionError } from "../error.ts";
import { fixed, functionTable } from "../function.ts";
import type { FunctionTable } from "../function.ts";
import type { Sources } from "../sources.ts";

export function environmentFunctions({ environment, lookupHost }: Sources): FunctionTable {
  const read = (name: string): string => environment.get(name) ?? "";
  return functionTable({
    env: fixed(["string"], read),
    expandenv: fixed(["string"], (text) => expand(text, read)),
    getHostByName: fixed(["string"], (name) => {
      const [address] = lookupHost?.(name) ?? [];
      if (address === undefined) throw new FunctionError(`cannot look up host "${name}"`);
      return address;
    }),
  });
}

const SHELL_NAME = /\$(?:\{([^}]*)\}|([*#$@!?\-0-9])|([A-Za-z_][A-Za-z0-9_]*)|\{)/g;

/** Go's `os.ExpandEnv`: `$name`, `${name}` and the shell's one-character names; a wrong `${` is dropped. */
function expand(text: string, read: (name: string) => string): string {
  return text.replace(SHELL_NAME, (_, braced?: string, special?: string, bare?: string) => {
    const name = braced ?? special ?? bare;
    return name === undefined || name === "" ? "" : read(name);
  });
}
