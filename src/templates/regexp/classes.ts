import type { CharacterTest } from "./node.ts";

const inRanges =
  (text: string): CharacterTest =>
  (code) =>
    RANGES[text]?.some(([low, high]) => code >= low && code <= high) ?? false;

function ranges(text: string): readonly (readonly [number, number])[] {
  return Array.from(text.matchAll(/(.)-(.)|(.)/gs), ([, low, high, single]) => {
    return [(low ?? single ?? "").charCodeAt(0), (high ?? single ?? "").charCodeAt(0)] as const;
  });
}

/** The ASCII classes, as characters and ranges. */
const RANGES: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  alnum: ranges("0-9A-Za-z"),
  alpha: ranges("A-Za-z"),
  ascii: ranges("\0-\u007f"),
  blank: ranges("\t "),
  cntrl: ranges("\0-\u001f\u007f"),
  digit: ranges("0-9"),
  graph: ranges("!-~"),
  lower: ranges("a-z"),
  print: ranges(" -~"),
  punct: ranges("!-/:-@[-`{-~"),
  space: ranges("\t-\r "),
  upper: ranges("A-Z"),
  word: ranges("0-9A-Za-z_"),
  xdigit: ranges("0-9A-Fa-f"),
  d: ranges("0-9"),
  s: ranges("\t\n\f\r "),
  w: ranges("0-9A-Za-z_"),
};

/** `[:alpha:]` by its name. */
export function findPosixClass(name: string): CharacterTest | undefined {
  return name.length > 1 && Object.hasOwn(RANGES, name) ? inRanges(name) : undefined;
}

/** `\d`, `\s` or `\w`, and the upper case letters for what is not in them. */
export function perlClass(letter: string): CharacterTest {
  const test = inRanges(letter.toLowerCase());
  return letter === letter.toLowerCase() ? test : negate(test);
}

export function negate(test: CharacterTest): CharacterTest {
  return (code) => !test(code);
}

/** `\p{Greek}` by its name, or undefined when there is no such class. */
export function findUnicodeClass(name: string): CharacterTest | undefined {
  if (name === "Any") return () => true;
  if (!/^[A-Za-z_]+$/.test(name)) return undefined;
  for (const property of [`\\p{${name}}`, `\\p{Script=${name}}`]) {
    if (
      property === `\\p{${name}}` &&
      !/^(?:C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/.test(name)
    )
      continue;
    try {
      const pattern = new RegExp(property, "u");
      return (code) => pattern.test(String.fromCodePoint(code));
    } catch {
      continue;
    }
  }
  return undefined;
}

/** The test for any character that differs from a matching one in case only. */
export function foldCase(test: CharacterTest): CharacterTest {
  return (code) => test(code) || caseVariants(code).some(test);
}

function caseVariants(code: number): number[] {
  const character = String.fromCodePoint(code);
  const forms = [character.toLowerCase(), character.toUpperCase()];
  const variants = forms.flatMap((form) => [form, form.toLowerCase(), form.toUpperCase()]);
  const special = code === 0x6b || code === 0x4b ? [0x212a] : code === 0x73 || code === 0x53 ? [0x17f] : [];
  const singles = variants.filter((form) => Array.from(form).length === 1);
  return [...singles.map((form) => form.codePointAt(0) ?? 0), ...special];
}
