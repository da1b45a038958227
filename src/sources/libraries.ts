/** The paths that `ldd` names: the libraries of a program and its loader. A static program has none. */
export function parseLibraries(output: string): string[] {
  return output
    .split("\n")
    .map((line) => /^\s*(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)$/.exec(line)?.[1])
    .filter((path) => path !== undefined);
}
