/** What `*`, `?`, `[a-z]` and `\` mean in a path: the rules of Go's filepath.Match, and `**` for any folders. */
export function compileWildcards(pattern: string): RegExp {
  let expression = "";
  for (let rest = pattern; rest !== "";) {
    const token = TOKEN.exec(rest)?.[0] ?? rest.charAt(0);
    expression += toExpression(token, token.length === rest.length);
    rest = rest.slice(token.length);
  }
  return new RegExp(`^${expression}$`, "su");
}

export function hasWildcards(text: string): boolean {
  return /[*?[\\]/.test(text);
}

const TOKEN = /^(?:\*\*+\/?|\*|\?|\[\^?(?:\\.|[^\\])(?:\\.|[^\]\\])*\]|\\.|[^*?[\\]+)/su;

function toExpression(token: string, isLast: boolean): string {
  if (token.startsWith("**")) return isLast && !token.endsWith("/") ? ".*" : "(?:.*/)?";
  if (token === "*") return "[^/]*";
  if (token === "?") return "[^/]";
  if (token.startsWith("[") && token.length > 1) return toClass(token);
  return token.replace(/\\(.)/gsu, "$1").replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function toClass(token: string): string {
  const isNegated = token.startsWith("[^");
  const members = token.slice(isNegated ? 2 : 1, -1);
  const escaped = members.replace(
    /\\(.)|([\^[\]\\])/gsu,
    (_, quoted: string | undefined, special: string | undefined) =>
      quoted === undefined ? `\\${special}` : quoted.replace(/[\^[\]\\-]/, "\\$&"),
  );
  return `(?!/)[${isNegated ? "^" : ""}${escaped}]`;
}
