import { parseFloat64, parseInt64, parseUint64 } from "../value/parse-number.ts";
import { isTimestamp } from "./timestamp.ts";

/** What a plain scalar means under the YAML 1.1 rules that Kubernetes tools use. */
export type Resolved =
  | { readonly tag: "str"; readonly value: string }
  | { readonly tag: "bool"; readonly value: boolean }
  | { readonly tag: "null" }
  | { readonly tag: "int"; readonly value: bigint }
  | { readonly tag: "float"; readonly value: number }
  | { readonly tag: "timestamp"; readonly value: string };

const WORDS: ReadonlyMap<string, Resolved> = new Map<string, Resolved>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map(bool(true)),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map(bool(false)),
  ...["", "~", "null", "Null", "NULL"].map((word): [string, Resolved] => [word, { tag: "null" }]),
  ...[".nan", ".NaN", ".NAN"].map(float(Number.NaN)),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map(float(Infinity)),
  ...["-.inf", "-.Inf", "-.INF"].map(float(-Infinity)),
]);
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

function bool(value: boolean): (word: string) => [string, Resolved] {
  return (word) => [word, { tag: "bool", value }];
}

function float(value: number): (word: string) => [string, Resolved] {
  return (word) => [word, { tag: "float", value }];
}

export function resolvePlain(text: string): Resolved {
  const word = WORDS.get(text);
  if (word) return word;
  const first = text[0] ?? "";
  if (first === ".") {
    const value = parseFloat64(text);
    return typeof value === "number" ? { tag: "float", value } : { tag: "str", value: text };
  }
  return /[-+0-9]/.test(first) ? resolveNumber(text) : { tag: "str", value: text };
}

/** Small decimal integers, as most numbers are; a leading zero would mean octal. */
const SMALL_INTEGER = /^(?:0|-?[1-9][0-9]{0,14})$/;

function resolveNumber(text: string): Resolved {
  if (SMALL_INTEGER.test(text)) return { tag: "int", value: BigInt(text) };
  if (isTimestamp(text)) return { tag: "timestamp", value: text };
  const plain = text.replaceAll("_", "");
  const integer = [parseInt64(plain), parseUint64(plain), parseBinary(plain)].find(
    (value) => typeof value === "bigint",
  );
  if (integer !== undefined) return { tag: "int", value: integer };
  if (FLOAT.test(plain)) {
    const value = parseFloat64(plain);
    if (typeof value === "number") return { tag: "float", value };
  }
  return { tag: "str", value: text };
}

/** Binary numbers whose sign stands between prefix and digits are taken, too. */
function parseBinary(plain: string): bigint | string {
  if (plain.startsWith("0b")) return parseInt64(plain.slice(2), 2);
  return plain.startsWith("-0b") ? parseInt64(`-${plain.slice(3)}`, 2) : "syntax";
}

/** Whether the text has to be quoted to stay a string. */
export function needsQuotes(text: string): boolean {
  return resolvePlain(text).tag !== "str" || BASE_60.test(text);
}
