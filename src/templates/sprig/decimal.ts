import { FunctionError } from "../error.ts";
import { formatFloat } from "../value/float.ts";

/** coefficient × 10^exponent: `addf` and its like add 0.1 and 0.2 to 0.3. */
export interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

const DIVISION_DIGITS = 16;

export function toDecimal(value: number): Decimal {
  if (!Number.isFinite(value)) throw new FunctionError(`Cannot create a Decimal from ${formatFloat(value, "g", -1)}`);
  const [, sign = "", whole = "", fraction = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential()) ?? [];
  return { coefficient: BigInt(`${sign}${whole}${fraction}`), exponent: Number(power) - fraction.length };
}

export function toFloat({ coefficient, exponent }: Decimal): number {
  return Number(`${coefficient}e${exponent}`);
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { coefficient: scaled(a, exponent) + scaled(b, exponent), exponent };
}

export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, { coefficient: -b.coefficient, exponent: b.exponent });
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { coefficient: a.coefficient * b.coefficient, exponent: a.exponent + b.exponent };
}

/** Rounded half away from zero to sixteen digits after the point. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (b.coefficient === 0n) throw new FunctionError("decimal division by 0");
  const shift = a.exponent - b.exponent + DIVISION_DIGITS;
  const dividend = shift >= 0 ? a.coefficient * 10n ** BigInt(shift) : a.coefficient;
  const divisor = shift >= 0 ? b.coefficient : b.coefficient * 10n ** BigInt(-shift);
  const quotient = dividend / divisor;
  const remainder = magnitude(dividend % divisor);
  const isUp = remainder * 2n >= magnitude(divisor);
  const direction = dividend < 0n === divisor < 0n ? 1n : -1n;
  return { coefficient: quotient + (isUp ? direction : 0n), exponent: -DIVISION_DIGITS };
}

function scaled({ coefficient, exponent }: Decimal, target: number): bigint {
  return coefficient * 10n ** BigInt(exponent - target);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
