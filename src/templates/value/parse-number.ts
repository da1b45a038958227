export type NumberProblem = "syntax" | "range";

const SHORT_DECIMAL = /^(?:0|[1-9][0-9]{0,17})$/;
const UNDERSCORES = /^(?:[0-9a-z]+(?:_[0-9a-z]+)*|0[box](?:_?[0-9a-z]+)+)$/i;
/** More than any integer type holds; digits beyond it do not matter. */
const CEILING = 2n ** 70n;
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** Go's `strconv.ParseInt(text, base, 64)`; base 0 takes it from the prefix and allows underscores. */
export function parseInt64(text: string, base = 0): bigint | NumberProblem {
  const isNegative = text.startsWith("-");
  const magnitude = parseMagnitude(isNegative || text.startsWith("+") ? text.slice(1) : text, base);
  if (typeof magnitude === "string") return magnitude;
  if (magnitude > MAX_INT64 + (isNegative ? 1n : 0n)) return "range";
  return isNegative ? -magnitude : magnitude;
}

/** Go's `strconv.ParseUint(text, base, 64)`. */
export function parseUint64(text: string, base = 0): bigint | NumberProblem {
  const magnitude = parseMagnitude(text, base);
  return typeof magnitude === "bigint" && magnitude > MAX_UINT64 ? "range" : magnitude;
}

function parseMagnitude(text: string, base: number): bigint | NumberProblem {
  if ((base === 0 || base === 10) && SHORT_DECIMAL.test(text)) return BigInt(text);
  if (base === 0) return parsePrefixed(text);
  return parseDigits(text, base);
}

function parsePrefixed(text: string): bigint | NumberProblem {
  if (text.includes("_") && !UNDERSCORES.test(text)) return "syntax";
  const [, prefix = "", rest = ""] = /^(0[box]|0(?=[0-9_]))?(.*)$/is.exec(text) ?? [];
  const bases: Readonly<Record<string, number>> = { "0b": 2, "0o": 8, "0x": 16, "0": 8 };
  return parseDigits(rest.replaceAll("_", ""), bases[prefix.toLowerCase()] ?? 10);
}

function parseDigits(text: string, base: number): bigint | NumberProblem {
  if (!/^[0-9a-z]+$/i.test(text)) return "syntax";
  let value = 0n;
  for (const digit of text) {
    const number = Number.parseInt(digit, 36);
    if (number >= base) return "syntax";
    value = value * BigInt(base) + BigInt(number);
    if (value > CEILING) value = CEILING;
  }
  return value;
}

/** Go's `strconv.ParseFloat(text, 64)`. */
export function parseFloat64(text: string): number | NumberProblem {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special) {
    if (special[2]?.toLowerCase() === "nan") return special[1] === "" ? Number.NaN : "syntax";
    return special[1] === "-" ? -Infinity : Infinity;
  }
  const plain = text.includes("_") ? removeUnderscores(text) : text;
  if (plain === undefined) return "syntax";
  if (/^[+-]?0x/i.test(plain)) return parseHexFloat(plain);
  if (!/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i.test(plain)) return "syntax";
  const value = Number(plain);
  return Number.isFinite(value) ? value : "range";
}

function removeUnderscores(text: string): string | undefined {
  const isFine = !/^[+-]?_|_$|__|_[^0-9a-f]|[^0-9a-fx]_/i.test(text) && !/^[+-]?0x_?$/i.test(text);
  const isHex = /^[+-]?0x/i.test(text);
  return isFine && (isHex || !/_[a-f]|[a-f]_/i.test(text)) ? text.replaceAll("_", "") : undefined;
}

function parseHexFloat(text: string): number | NumberProblem {
  const match = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?[0-9]+)$/i.exec(text);
  if (!match) return "syntax";
  const [, sign, whole = "", fraction = "", exponent = ""] = match;
  if (whole + fraction === "") return "syntax";
  const mantissa = BigInt(`0x${whole}${fraction}`);
  const value = scale(mantissa, Number(exponent) - 4 * fraction.length);
  if (!Number.isFinite(value)) return "range";
  return sign === "-" ? -value : value;
}

/** mantissa × 2^exponent, rounded once. */
function scale(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n || exponent < -2000) return 0;
  if (exponent > 2000) return Infinity;
  if (exponent >= 0) return Number(mantissa << BigInt(exponent));
  const value = Number(mantissa);
  return value * 2 ** Math.max(exponent, -1000) * 2 ** Math.min(exponent + 1000, 0);
}
