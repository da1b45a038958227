import { FunctionError } from "../error.ts";
import { fixed, functionTable, variadic } from "../function.ts";
import { MAX_LIST_LENGTH } from "../limits.ts";
import { parseInt64 } from "../value/parse-number.ts";
import { print } from "../value/print.ts";
import { Integer, TypedList } from "../value/value.ts";
import type { GoCallable, Value } from "../value/value.ts";
import { castFloat, castInteger, toInt64Range } from "./casts.ts";
import { addDecimals, divideDecimals, multiplyDecimals, subtractDecimals, toDecimal, toFloat } from "./decimal.ts";
import type { Decimal } from "./decimal.ts";

const int64 = (value: bigint): Integer => new Integer("int64", toInt64Range(value));

function divide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new FunctionError("runtime error: integer divide by zero");
  return a / b;
}

function modulo(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new FunctionError("runtime error: integer divide by zero");
  return a % b;
}

function extreme(isBetter: (candidate: bigint, best: bigint) => boolean): GoCallable {
  return variadic(["any"], "any", (first, others) => {
    let best = castInteger(first);
    for (const other of others.map(castInteger)) if (isBetter(other, best)) best = other;
    return int64(best);
  });
}

function decimals(operate: (a: Decimal, b: Decimal) => Decimal): GoCallable {
  return variadic(["any"], "any", (first, others) => fold(castFloat(first), others, operate));
}

function fold(first: number, others: readonly Value[], operate: (a: Decimal, b: Decimal) => Decimal): number {
  return toFloat(others.reduce((sum: Decimal, other) => operate(sum, toDecimal(castFloat(other))), toDecimal(first)));
}

/** The integers from `start` up or down to, but without, `stop`. */
function steps(start: number, stop: number, step: number): bigint[] {
  const isForward = stop >= start;
  if (isForward ? step <= 0 : step >= 0) return [];
  if ((stop - start) / step > MAX_LIST_LENGTH) throw new FunctionError(`more than ${MAX_LIST_LENGTH} elements`);
  const items: bigint[] = [];
  for (let item = start; isForward ? item < stop : item > stop; item += step) items.push(BigInt(item));
  return items;
}

function sequence(parameters: readonly number[]): string {
  const [first = 0, second = 0, third = 0] = parameters;
  if (parameters.length === 0 || parameters.length > 3) return "";
  if (parameters.length === 1) return steps(1, first < 1 ? first - 1 : first + 1, first < 1 ? -1 : 1).join(" ");
  if (parameters.length === 2) {
    const step = second < first ? -1 : 1;
    return steps(first, second + step, step).join(" ");
  }
  if (third < first) return second > 0 ? "" : steps(first, third - 1, second).join(" ");
  return steps(first, third + 1, second).join(" ");
}

function round(value: Value, places: number, threshold: number): number {
  const power = 10 ** places;
  const digits = power * castFloat(value);
  const fraction = digits - Math.trunc(digits);
  return (fraction >= threshold ? Math.ceil(digits) : Math.floor(digits)) / power;
}

function octal(value: Value): bigint {
  const parsed = parseInt64(print(value), 8);
  return typeof parsed === "bigint" ? parsed : 0n;
}

function atoi(text: string): bigint {
  const parsed = parseInt64(text, 10);
  if (typeof parsed === "bigint") return parsed;
  const limit = text.startsWith("-") ? -(2n ** 63n) : 2n ** 63n - 1n;
  return parsed === "range" ? limit : 0n;
}

export const numberFunctions = functionTable({
  atoi: fixed(["string"], atoi),
  int: fixed(["any"], castInteger),
  int64: fixed(["any"], (value) => int64(castInteger(value))),
  float64: fixed(["any"], castFloat),
  toDecimal: fixed(["any"], (value) => int64(octal(value))),
  add1: fixed(["any"], (value) => int64(castInteger(value) + 1n)),
  add: variadic([], "any", (values) => int64(values.reduce((sum: bigint, value) => sum + castInteger(value), 0n))),
  sub: fixed(["any", "any"], (a, b) => int64(castInteger(a) - castInteger(b))),
  div: fixed(["any", "any"], (a, b) => int64(divide(castInteger(a), castInteger(b)))),
  mod: fixed(["any", "any"], (a, b) => int64(modulo(castInteger(a), castInteger(b)))),
  mul: variadic(["any"], "any", (first, others) =>
    int64(others.reduce((product: bigint, value) => toInt64Range(product * castInteger(value)), castInteger(first))),
  ),
  add1f: fixed(["any"], (value) => fold(castFloat(value), [1], addDecimals)),
  addf: variadic([], "any", (values) => fold(0, values, addDecimals)),
  subf: decimals(subtractDecimals),
  mulf: decimals(multiplyDecimals),
  divf: decimals(divideDecimals),
  max: extreme((candidate, best) => candidate > best),
  biggest: extreme((candidate, best) => candidate > best),
  min: extreme((candidate, best) => candidate < best),
  maxf: variadic(["any"], "any", (first, others) => Math.max(castFloat(first), ...others.map(castFloat))),
  minf: variadic(["any"], "any", (first, others) => Math.min(castFloat(first), ...others.map(castFloat))),
  ceil: fixed(["any"], (value) => Math.ceil(castFloat(value))),
  floor: fixed(["any"], (value) => Math.floor(castFloat(value))),
  round: variadic(["any", "int"], "float64", (value, places, [threshold]) => round(value, places, threshold ?? 0.5)),
  until: fixed(["int"], (count) => new TypedList("int", steps(0, count, count < 0 ? -1 : 1))),
  untilStep: fixed(["int", "int", "int"], (start, stop, step) => new TypedList("int", steps(start, stop, step))),
  seq: variadic([], "int", sequence),
});
