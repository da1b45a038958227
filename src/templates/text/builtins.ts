import { FunctionError } from "../error.ts";
import { fixed, functionTable, variadic } from "../function.ts";
import { isTrue, typeOf } from "../value/kind.ts";
import { print, printAll, printLine } from "../value/print.ts";
import { printf } from "../value/printf.ts";
import type { GoCallable, Value } from "../value/value.ts";
import { equals, equalsAny, isLess, isLessOrEqual } from "./compare.ts";
import { escapeHtml, escapeJavaScript, escapeQuery } from "./escape.ts";
import { index, length, slice } from "./indexing.ts";

/** The functions that every Go template has. */
export const builtins = functionTable({
  and: { parameters: ["value"], variadic: "value", special: "and", call: refuse },
  or: { parameters: ["value"], variadic: "value", special: "or", call: refuse },
  not: fixed(["value"], (value) => !isTrue(value)),
  call: { parameters: ["value"], variadic: "value", special: "call", call: callValue },
  index: variadic(["value"], "value", index),
  slice: variadic(["value"], "value", slice),
  len: fixed(["value"], length),
  print: variadic([], "any", printAll),
  printf: variadic(["string"], "any", printf),
  println: variadic([], "any", printLine),
  html: escaper(escapeHtml),
  js: escaper(escapeJavaScript),
  urlquery: escaper(escapeQuery),
  eq: variadic(["value"], "value", equalsAny),
  ne: fixed(["value", "value"], (a, b) => !equals(a, b)),
  lt: fixed(["value", "value"], isLess),
  le: fixed(["value", "value"], isLessOrEqual),
  gt: fixed(["value", "value"], (a, b) => !isLessOrEqual(a, b)),
  ge: fixed(["value", "value"], (a, b) => !isLess(a, b)),
});

function escaper(escape: (text: string) => string): GoCallable {
  return variadic([], "any", (values) => {
    const shown = values.map((value) => (value === null || value === undefined ? "<no value>" : value));
    return escape(shown.length === 1 ? print(shown[0]) : printAll(shown));
  });
}

/** The executor evaluates `and` and `or` itself. */
function refuse(): never {
  throw new Error("and and or are evaluated by the executor");
}

function callValue([name, value]: readonly Value[]): never {
  if (value === undefined || value === null) throw new FunctionError("call of nil");
  throw new FunctionError(`non-function ${print(name)} of type ${typeOf(value)}`);
}
