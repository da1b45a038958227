/**
 * Finds the line of a template that gives an image: the first that has the image in it, or one of the names by which
 * templates know it.
 */
export function traceLine(image: string, template: string, names: readonly string[] = []): number | undefined {
  const lines = template.split("\n");
  for (const name of [image, ...names]) {
    const index = lines.findIndex((line) => hasName(line, name));
    if (index >= 0) return index + 1;
  }
  return undefined;
}

/** The name with nothing around it that would make it another one. */
function hasName(line: string, name: string): boolean {
  const at = line.indexOf(name);
  return at >= 0 && !/^[\w.:@/-]/.test(line.slice(at + name.length)) && !/[\w.:@/-]$/.test(line.slice(0, at));
}
