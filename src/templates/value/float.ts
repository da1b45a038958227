/** A finite number as decimal digits: 0.d1d2d3… × 10^point. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/**
 * Go's `strconv.FormatFloat`. A precision of -1 asks for the fewest digits that give the number back.
 * Rounds half to even on the exact value, as Go does and `toFixed` does not.
 */
export function formatFloat(value: number, verb: string, precision: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const magnitude = Math.abs(value);
  switch (verb) {
    case "e":
    case "E":
      return sign + exponential(roundTo(magnitude, precision < 0 ? -1 : precision + 1), precision, verb);
    case "f":
      return sign + fixed(precision < 0 ? shortest(magnitude) : roundAt(magnitude, precision), precision);
    case "b":
      return sign + binary(magnitude);
    case "x":
    case "X":
      return sign + hexadecimal(magnitude, precision, verb);
    default:
      return sign + general(magnitude, precision, verb);
  }
}

function general(magnitude: number, precision: number, verb: string): string {
  const decimal = roundTo(magnitude, precision === 0 ? 1 : precision);
  const length = decimal.digits.length;
  let threshold = precision < 0 ? 6 : Math.max(precision, 1);
  if (precision >= 0 && threshold > length && length >= decimal.point) threshold = length;
  const exponent = decimal.point - 1;
  if (exponent < -4 || exponent >= threshold) return exponential(decimal, length - 1, verb === "G" ? "E" : "e");
  return fixed(decimal, Math.max(length - decimal.point, 0));
}

function exponential({ digits, point }: Decimal, precision: number, letter: string): string {
  const fraction = precision < 0 ? digits.slice(1) : digits.slice(1, precision + 1).padEnd(precision, "0");
  const exponent = digits === "" || /^0*$/.test(digits) ? 0 : point - 1;
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits[0] ?? "0"}${fraction === "" ? "" : `.${fraction}`}${letter}${exponent < 0 ? "-" : "+"}${power}`;
}

function fixed({ digits, point }: Decimal, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  const rest = point > 0 ? digits.slice(point) : "0".repeat(-point) + digits;
  const fraction = precision < 0 ? rest.replace(/0+$/, "") : rest.slice(0, precision).padEnd(precision, "0");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

function shortest(magnitude: number): Decimal {
  if (magnitude === 0) return { digits: "", point: 0 };
  const [mantissa = "", exponent = "0"] = magnitude.toExponential().split("e");
  return { digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}

/** Rounded to `count` significant digits without trailing zeros; the shortest form for -1. */
function roundTo(magnitude: number, count: number): Decimal {
  if (count < 0) return shortest(magnitude);
  const exact = expand(magnitude);
  return roundDigits(exact, count);
}

/** Rounded to `precision` digits after the decimal point. */
function roundAt(magnitude: number, precision: number): Decimal {
  const exact = expand(magnitude);
  return roundDigits(exact, exact.point + precision);
}

function roundDigits({ digits, point }: Decimal, count: number): Decimal {
  if (count >= digits.length) return { digits, point };
  if (count < 0) return { digits: "", point: 0 };
  const rest = digits.slice(count);
  const last = count > 0 ? digits.charCodeAt(count - 1) : 48;
  const half = /^50*$/.test(rest);
  const isUp = half ? last % 2 === 1 : rest >= "5";
  const kept = digits.slice(0, count);
  if (!isUp) return trimmed(kept, point);
  const raised = String(BigInt(`1${kept}`) + 1n);
  return raised.startsWith("2") ? trimmed(`1${raised.slice(1)}`, point + 1) : trimmed(raised.slice(1), point);
}

function trimmed(digits: string, point: number): Decimal {
  const kept = digits.replace(/0+$/, "");
  return kept === "" ? { digits: "", point: 0 } : { digits: kept, point };
}

const view = new DataView(new ArrayBuffer(8));

/** The number as mantissa × 2^exponent. */
function decompose(magnitude: number): { mantissa: bigint; exponent: number } {
  view.setFloat64(0, magnitude);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | 0x10000000000000n, exponent: biased - 1075 };
}

/** Every decimal digit of the exact value. */
function expand(magnitude: number): Decimal {
  if (magnitude === 0) return { digits: "", point: 0 };
  const { mantissa, exponent } = decompose(magnitude);
  if (exponent >= 0) {
    const digits = String(mantissa << BigInt(exponent));
    return trimmed(digits, digits.length);
  }
  const digits = String(mantissa * 5n ** BigInt(-exponent));
  return trimmed(digits, digits.length + exponent);
}

function binary(magnitude: number): string {
  const { mantissa, exponent } = decompose(magnitude);
  return `${mantissa}p${exponent < 0 ? "" : "+"}${exponent}`;
}

function hexadecimal(magnitude: number, precision: number, letter: string): string {
  let { mantissa, exponent } = decompose(magnitude);
  if (mantissa === 0n) exponent = 0;
  else {
    const shift = BigInt(53 - mantissa.toString(2).length);
    mantissa <<= shift;
    exponent += 52 - Number(shift);
  }
  if (precision >= 0 && precision < 13) {
    const drop = BigInt(4 * (13 - precision));
    const rest = mantissa & ((1n << drop) - 1n);
    const half = 1n << (drop - 1n);
    mantissa >>= drop;
    if (rest > half || (rest === half && mantissa % 2n === 1n)) mantissa += 1n;
    mantissa <<= drop;
    if (mantissa >> 53n) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const digits = mantissa.toString(16).padStart(14, "0");
  const fraction =
    precision < 0 ? digits.slice(1).replace(/0+$/, "") : digits.slice(1).padEnd(precision, "0").slice(0, precision);
  const power = `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  const text = `0x${digits[0]}${fraction === "" ? "" : `.${fraction}`}p${power}`;
  return letter === "X" ? text.toUpperCase() : text;
}

/** A float as `%v` prints it. */
export function renderFloat(value: number): string {
  return formatFloat(value, "g", -1);
}
