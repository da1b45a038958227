/** One way to prove who one is that a server offers in WWW-Authenticate. */
export interface Challenge {
  /** In lower case, for instance `bearer`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

// One token, then either `=value` (a parameter) or anything else (a scheme, or a token68 that nobody uses here).
const PART = /([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+)))?/g;

/**
 * Reads the challenges of a header, several headers joined by commas. What is malformed is left out.
 * https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  for (const [, name = "", quoted, bare] of header.matchAll(PART)) {
    const value = quoted?.replaceAll(/\\(.)/g, "$1") ?? bare;
    const current = challenges.at(-1);
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: {} });
    else if (current) current.parameters[name.toLowerCase()] ??= value;
  }
  return challenges;
}
