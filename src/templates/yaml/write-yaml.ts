import { FunctionError } from "../error.ts";
import { renderJsonNumber } from "../json/write-json.ts";
import { isByteEscape } from "../value/bytes.ts";
import { formatFloat } from "../value/float.ts";
import { findItems, GoObject, Integer, TypedList } from "../value/value.ts";
import type { GoMap, Value } from "../value/value.ts";
import { Emitter } from "./emitter.ts";
import type { ScalarStyle } from "./emitter.ts";
import { compareKeys } from "./key-order.ts";
import { needsQuotes, resolvePlain } from "./resolve.ts";

const MAX_DEPTH = 1000;
// oxlint-disable-next-line no-control-regex
const UNREADABLE = /[\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

/** The value as sigs.k8s.io/yaml writes it, which goes through JSON. @throws {FunctionError} as `writeJson` does. */
export function writeYaml(value: Value): string {
  const emitter = new Emitter({ width: 80, indentsLists: false, keepsTabs: false });
  new YamlWriter(emitter).write(value, false, 0);
  return emitter.finish();
}

/** The value as go-yaml 3 writes it by itself: lists are indented, lines are not folded, floats print as in Go. */
export function writePrettyYaml(value: Value): string {
  const emitter = new Emitter({ width: Infinity, indentsLists: true, keepsTabs: true });
  new PrettyYamlWriter(emitter).write(value, false, 0);
  return emitter.finish();
}

class YamlWriter {
  readonly #emitter: Emitter;

  constructor(emitter: Emitter) {
    this.#emitter = emitter;
  }

  protected number(value: number): string {
    return renderNumber(value);
  }

  protected text(text: string): string {
    return readBack(text);
  }

  write(value: Value, isValue: boolean, depth: number): void {
    if (depth > MAX_DEPTH) throw new FunctionError("json: value is nested too deeply");
    if (typeof value === "string") return this.#string(value);
    if (typeof value === "number") return this.#emitter.scalar(this.number(value), "plain");
    if (typeof value === "bigint" || typeof value === "boolean") return this.#emitter.scalar(String(value), "plain");
    if (value === null || value === undefined) return this.#emitter.scalar("null", "plain");
    if (value instanceof Integer) return this.#emitter.scalar(String(value.value), "plain");
    if (value instanceof GoObject) return this.write(value.toPlain(), isValue, depth + 1);
    if (value instanceof Map) return this.#map(value, depth);
    if (value instanceof TypedList && value.isNil) return this.#emitter.scalar("null", "plain");
    const items = findItems(value) ?? [];
    this.#emitter.list(items.length, (index) => this.write(items[index], false, depth + 1), isValue);
  }

  #string(text: string): void {
    const valid = this.text(text);
    this.#emitter.scalar(valid, styleOf(valid));
  }

  #map(map: GoMap, depth: number): void {
    const entries = new Map(Array.from(map, ([key, item]) => [readKeyBack(key), item]));
    const keys = [...entries.keys()].sort(compareKeys);
    this.#emitter.map(keys, styleOf, (key) => this.write(entries.get(key), true, depth + 1));
  }
}

class PrettyYamlWriter extends YamlWriter {
  protected override number(value: number): string {
    if (Number.isNaN(value)) return ".nan";
    if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
    return formatFloat(value, "g", -1);
  }

  protected override text(text: string): string {
    return text;
  }
}

function styleOf(text: string): ScalarStyle {
  if (text.includes("\n")) return "literal";
  return needsQuotes(text) ? "double" : "plain";
}

/** What JSON and the reader behind it make of the text. @throws {FunctionError} for characters that YAML forbids. */
function readBack(text: string): string {
  if (UNREADABLE.test(text)) throw new FunctionError("yaml: control characters are not allowed");
  const folded = text.includes("\u0085") ? text.replace(/[ \t]*\u0085[ \t]*/g, " ") : text;
  if (folded.isWellFormed()) return folded;
  return Array.from(folded, (character) => (isByteEscape(character.codePointAt(0) ?? 0) ? "\ufffd" : character)).join(
    "",
  );
}

function readKeyBack(key: string): string {
  if (key.includes("\u0085")) throw new FunctionError("yaml: a key cannot span lines");
  return readBack(key);
}

/** A float goes through JSON and is read back: what looks like an integer there is one. */
function renderNumber(value: number): string {
  const json = renderJsonNumber(value);
  const resolved = resolvePlain(json);
  if (resolved.tag === "int") return String(resolved.value);
  return formatFloat(value, "g", -1);
}
