import type { ArgumentSources, Variables } from "../variables.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Proxies may be given by --build-arg without an ARG; they never make a difference to the cache. */
const PROXY = /^(https?|ftp|no|all)_proxy$/i;

/** What decides about the result of a command: ENV and the arguments that are declared, proxies apart. */
export function decisiveVariables({ args, env }: Variables): ReadonlyMap<string, string> {
  const declared = [...args].filter((pair): pair is [string, string] => pair[1] !== undefined && !PROXY.test(pair[0]));
  return new Map([...declared, ...env]);
}

export interface CommandSurroundings {
  readonly variables: Variables;
  readonly given: ArgumentSources["given"];
  readonly proxies: Readonly<Record<string, string>>;
  readonly home: string;
}

/** All variables that a command sees. */
export function commandEnvironment(surroundings: CommandSurroundings): ReadonlyMap<string, string> {
  const { variables, given, proxies, home } = surroundings;
  return new Map([
    ["PATH", DEFAULT_PATH],
    ["HOME", home],
    ...Object.entries(proxies),
    ...Object.entries(given).filter(([name]) => PROXY.test(name)),
    ...decisiveVariables(variables),
  ]);
}
