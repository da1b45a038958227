const LETTER = /^\p{L}$/u;
const DIGIT = /^\p{Nd}$/u;

/** The order of keys in YAML output: letters by code point, numbers by value (a2 before a10), a2 before a02. */
export function compareKeys(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    if (left[at] !== right[at]) return compareFrom(left, right, at);
  }
  return left.length - right.length;
}

function compareFrom(left: readonly string[], right: readonly string[], at: number): number {
  const a = left[at] ?? "";
  const b = right[at] ?? "";
  const isLetter = LETTER.test(a);
  const isOtherLetter = LETTER.test(b);
  if (isLetter && isOtherLetter) return codeOf(a) - codeOf(b);
  if (isLetter || isOtherLetter) return isOtherLetter ? -1 : 1;
  const prefix = (a === "0" || b === "0") && hasNumberBefore(left, at) ? 1n : 0n;
  const first = readNumber(left, at, prefix);
  const second = readNumber(right, at, prefix);
  if (first.value !== second.value) return first.value < second.value ? -1 : 1;
  return first.end === second.end ? codeOf(a) - codeOf(b) : first.end - second.end;
}

function hasNumberBefore(characters: readonly string[], at: number): boolean {
  for (let index = at - 1; index >= 0 && DIGIT.test(characters[index] ?? ""); index--) {
    if (characters[index] !== "0") return true;
  }
  return false;
}

function readNumber(characters: readonly string[], start: number, prefix: bigint): { value: bigint; end: number } {
  let value = prefix;
  let end = start;
  while (DIGIT.test(characters[end] ?? "")) {
    value = BigInt.asIntN(64, value * 10n + BigInt(codeOf(characters[end] ?? "") - 48));
    end++;
  }
  return { value, end };
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
