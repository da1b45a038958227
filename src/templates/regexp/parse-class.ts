import { findPosixClass, findUnicodeClass, foldCase, negate, perlClass } from "./classes.ts";
import type { CharacterTest } from "./node.ts";
import { parseEscape } from "./parse-escape.ts";
import type { PatternReader } from "./pattern-reader.ts";

export interface ClassOptions {
  readonly ignoresCase: boolean;
}

/** What a bracket expression matches. The reader stands behind the opening bracket. */
export function parseClass(reader: PatternReader, { ignoresCase }: ClassOptions): CharacterTest {
  const start = reader.at - 1;
  const isNegated = reader.take("^");
  const tests: CharacterTest[] = [];
  for (let isFirst = true; isFirst || reader.peek() !== "]"; isFirst = false) {
    if (reader.isAtEnd) reader.fail("missing closing ]", reader.pattern.slice(start));
    if (reader.peek() === "-" && !isFirst && reader.peek(1) !== "]")
      reader.fail("invalid character class range", reader.pattern.slice(reader.at, reader.at + 2));
    tests.push(parseItem(reader));
  }
  reader.take("]");
  const test: CharacterTest = (code) => tests.some((item) => item(code));
  const folded = ignoresCase ? foldCase(test) : test;
  return isNegated ? negate(folded) : folded;
}

function parseItem(reader: PatternReader): CharacterTest {
  return parseNamedClass(reader) ?? parseRange(reader);
}

/** `[:alpha:]`, `\d`, `\pL` and the like, or undefined when the next item is none of them. */
function parseNamedClass(reader: PatternReader): CharacterTest | undefined {
  const posix = /^\[:(\^?)([^:]*):\]/.exec(reader.rest);
  if (posix) {
    const test = findPosixClass(posix[2] ?? "");
    if (!test) reader.fail("invalid character class range", posix[0]);
    reader.skip(posix[0].length);
    return posix[1] === "^" ? negate(test) : test;
  }
  return parseClassEscape(reader);
}

/** `\d`, `\pL` and the like outside or inside of brackets. */
export function parseClassEscape(reader: PatternReader): CharacterTest | undefined {
  const perl = /^\\([dDsSwW])/.exec(reader.rest);
  if (perl) {
    reader.skip(2);
    return perlClass(perl[1] ?? "d");
  }
  if (!/^\\[pP]/.test(reader.rest)) return undefined;
  const unicode = /^\\([pP])(?:\{(\^?)([^}]*)\}|([^]))/u.exec(reader.rest);
  if (!unicode) return reader.fail("invalid character class range", reader.rest);
  const [all, letter, caret = "", long, short] = unicode;
  const test = findUnicodeClass(long ?? short ?? "");
  if (!test) return reader.fail("invalid character class range", all);
  reader.skip(all.length);
  return (letter === "P") !== (caret === "^") ? negate(test) : test;
}

function parseRange(reader: PatternReader): CharacterTest {
  const start = reader.at;
  const low = parseCharacter(reader);
  if (reader.peek() !== "-" || reader.peek(1) === "]" || reader.peek(1) === "") return (code) => code === low;
  reader.take("-");
  const high = parseCharacter(reader);
  if (high < low) reader.fail("invalid character class range", reader.pattern.slice(start, reader.at));
  return (code) => code >= low && code <= high;
}

function parseCharacter(reader: PatternReader): number {
  if (reader.isAtEnd) return reader.fail("missing closing ]", reader.pattern);
  return reader.peek() === "\\" ? parseEscape(reader) : reader.nextCode();
}
