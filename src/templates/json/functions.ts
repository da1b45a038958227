import { FunctionError } from "../error.ts";
import { fixed, functionTable } from "../function.ts";
import type { GoCallable, Value } from "../value/value.ts";
import { readJson } from "./read-json.ts";
import { writeJson } from "./write-json.ts";
import type { JsonOptions } from "./write-json.ts";

const PLAIN: JsonOptions = { escapesHtml: true, indent: "" };
const PRETTY: JsonOptions = { escapesHtml: true, indent: "  " };
const RAW: JsonOptions = { escapesHtml: false, indent: "" };

/** What a function without "must" gives instead of an error. */
export function orElse(compute: () => Value, fallback: Value): Value {
  try {
    return compute();
  } catch (error) {
    if (error instanceof FunctionError) return fallback;
    throw error;
  }
}

function writer(options: JsonOptions, isStrict: boolean): GoCallable {
  if (isStrict) return fixed(["any"], (value) => writeJson(value, options));
  return fixed(["any"], (value) => orElse(() => writeJson(value, options), ""));
}

/** Sprig's functions; Helm has its own `fromJson`. */
export const jsonFunctions = functionTable({
  toJson: writer(PLAIN, false),
  mustToJson: writer(PLAIN, true),
  toPrettyJson: writer(PRETTY, false),
  mustToPrettyJson: writer(PRETTY, true),
  toRawJson: writer(RAW, true),
  mustToRawJson: writer(RAW, true),
  fromJson: fixed(["string"], (text) => orElse(() => readJson(text), null)),
  mustFromJson: fixed(["string"], readJson),
});
