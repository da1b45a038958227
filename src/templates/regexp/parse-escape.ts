import type { PatternReader } from "./pattern-reader.ts";

const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** The character that a backslash and what follows it stand for. */
export function parseEscape(reader: PatternReader): number {
  const match =
    /^\\(?:([1-7][0-7]{1,2}|0[0-7]{0,2})|x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]+)\}|([afnrtv])|([!-/:-@[-`{-~]))/.exec(
      reader.rest,
    );
  if (!match) return failEscape(reader);
  const [all, octal, hex, longHex, control, punctuation] = match;
  const code = octal !== undefined ? Number.parseInt(octal, 8) : Number.parseInt(hex ?? longHex ?? "", 16);
  if (code > 0x10ffff) return reader.fail("invalid escape sequence", all.replace("}", ""));
  reader.skip(all.length);
  if (control !== undefined) return CONTROL[control] ?? 0;
  return punctuation === undefined ? code : punctuation.charCodeAt(0);
}

function failEscape(reader: PatternReader): never {
  const { rest } = reader;
  if (rest === "\\") return reader.fail("trailing backslash at end of expression", "");
  const shown = /^\\x\{?[0-9A-Fa-f]*.?/su.exec(rest)?.[0] ?? /^\\./su.exec(rest)?.[0] ?? rest;
  return reader.fail("invalid escape sequence", shown);
}
