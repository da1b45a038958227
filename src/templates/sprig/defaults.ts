import { fixed, functionTable, variadic } from "../function.ts";
import { isTrue } from "../value/kind.ts";
import { GoObject } from "../value/value.ts";
import type { Value } from "../value/value.ts";

/** Sprig's emptiness: as for `if`, but a NaN and every struct is something. */
export function isEmpty(value: Value): boolean {
  return value instanceof GoObject && value.kind === "struct" ? false : !isTrue(value);
}

export const defaultFunctions = functionTable({
  default: variadic(["any"], "any", (fallback, [given]) => (isEmpty(given) ? fallback : given)),
  empty: fixed(["any"], isEmpty),
  coalesce: variadic([], "any", (values) => values.find((value) => !isEmpty(value)) ?? null),
  all: variadic([], "any", (values) => !values.some(isEmpty)),
  any: variadic([], "any", (values) => values.some((value) => !isEmpty(value))),
  ternary: fixed(["any", "any", "bool"], (whenTrue, whenFalse, condition) => (condition ? whenTrue : whenFalse)),
});
