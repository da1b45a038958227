import type { ImageLine } from "./yaml-images.ts";

/**
 * Finds the line of a template that gives an image of what was rendered: one that names it or one of `names`, or, when
 * the template has as many lines with the same key as the result, the one at the same position among them. No line when
 * none of that is so.
 */
export function traceLine(
  { text, line }: ImageLine,
  { rendered, template, names = [] }: { rendered: string; template: string; names?: readonly string[] | undefined },
): { readonly text: string; readonly line?: number } {
  const lines = template.split("\n");
  for (const name of [text, ...names]) {
    const literal = lines.findIndex((candidate) => hasName(candidate, name));
    if (literal >= 0) return { text, line: literal + 1 };
  }
  const key = keyOf(rendered.split("\n")[line - 1]);
  if (key === undefined) return { text };
  const outer = linesWith(rendered, key);
  const inner = linesWith(template, key);
  const found = inner.length === outer.length ? inner[outer.indexOf(line)] : undefined;
  const only = inner.length === 1 ? inner[0] : found;
  return only === undefined ? { text } : { text, line: only };
}

/** The name with nothing behind it that would make it another one. */
function hasName(line: string, name: string): boolean {
  const at = line.indexOf(name);
  return at >= 0 && !/^[\w.:@/-]/.test(line.slice(at + name.length)) && !/[\w.:@/-]$/.test(line.slice(0, at));
}

function keyOf(line = ""): string | undefined {
  return /^\s*(?:-\s+)?["']?([\w.-]+)["']?\s*:/.exec(line)?.[1];
}

/** Numbers of the lines with this key. */
function linesWith(text: string, key: string): number[] {
  return text.split("\n").flatMap((line, index) => (keyOf(line) === key ? [index + 1] : []));
}
