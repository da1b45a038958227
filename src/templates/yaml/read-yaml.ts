import { assertNever } from "../../base/error.ts";
import { isAlias, isMap, isScalar, isSeq, parseAllDocuments } from "yaml";
import type { Alias, Document, Scalar, YAMLMap, YAMLParseError } from "yaml";
import { FunctionError } from "../error.ts";
import { decodeBase64 } from "../sprig/base-encoding.ts";
import { decodeBytes, fromJavaScript } from "../value/bytes.ts";
import { formatFloat } from "../value/float.ts";
import type { GoMap, Value } from "../value/value.ts";
import { indentQuotedLines } from "./indent-quoted.ts";
import { findSimpleYaml } from "./simple-yaml.ts";
import { resolvePlain } from "./resolve.ts";
import type { Resolved } from "./resolve.ts";

/** Nodes that one document may have after its aliases are expanded. */
const MAX_NODES = 1_000_000;
const MAX_DEPTH = 1000;

/**
 * The first document of the text as Kubernetes tools read it: YAML 1.1, keys become strings, every number is a float64,
 * later duplicates win. No document is nil. @throws {FunctionError} when the text is no YAML.
 */
export function readYaml(text: string): Value {
  return findSimpleYaml(text) ?? readFullYaml(text);
}

/** {@link readYaml} for every document, simple or not. */
export function readFullYaml(text: string): Value {
  const document = findDocument(text);
  const [problem] = document?.errors ?? [];
  if (problem?.code === "MISSING_CHAR") {
    const indented = indentQuotedLines(text);
    if (indented !== text) return readFullYaml(indented);
  }
  if (problem) failToParse(problem);
  return document?.contents ? new YamlReader(document, text).read(document.contents, 0) : null;
}

type ParsedDocument = Document.Parsed;

function findDocument(text: string): ParsedDocument | undefined {
  const documents = parseAllDocuments(text, {
    schema: "failsafe",
    uniqueKeys: false,
    version: "1.1",
    logLevel: "silent",
  });
  return Array.isArray(documents) ? documents[0] : undefined;
}

function failToParse({ linePos, message }: YAMLParseError): never {
  const line = linePos?.[0].line;
  fail(`${line === undefined ? "" : `line ${line}: `}${message.split(" at line ", 1)[0]}`);
}

class YamlReader {
  readonly #document: ParsedDocument;
  readonly #length: number;
  readonly #endsInBreak: boolean;
  #nodes = 0;

  constructor(document: ParsedDocument, text: string) {
    this.#document = document;
    this.#length = text.length;
    this.#endsInBreak = text.endsWith("\n");
  }

  read(node: unknown, depth: number): Value {
    if (++this.#nodes > MAX_NODES || depth > MAX_DEPTH) {
      throw new FunctionError("error converting YAML to JSON: yaml: document contains excessive aliasing");
    }
    if (isScalar(node)) return toPlain(this.#resolve(node));
    if (isMap(node)) return this.#map(node, depth);
    if (isSeq(node)) return node.items.map((item) => this.read(item, depth + 1));
    return isAlias(node) ? this.read(this.#target(node), depth + 1) : null;
  }

  #target(alias: Alias): unknown {
    return alias.resolve(this.#document) ?? fail(`unknown anchor '${alias.source}' referenced`);
  }

  #resolve(node: Scalar): Resolved {
    const text = this.#text(node);
    const tag = node.tag?.replace("tag:yaml.org,2002:", "");
    switch (tag) {
      case "binary":
        return { tag: "str", value: decodeBinary(text) };
      case "int":
      case "float":
      case "bool":
      case "null":
      case "timestamp":
        return resolveAs(tag, text);
      case undefined:
        if (node.type === "PLAIN") return resolvePlain(text);
    }
    return { tag: "str", value: text };
  }

  /** A block scalar that ends with the text has no line break behind it that is not there. */
  #text({ value, type, range }: Scalar): string {
    const text = typeof value === "string" ? value : "";
    const isBlock = type === "BLOCK_LITERAL" || type === "BLOCK_FOLDED";
    const isCut = isBlock && (range?.[1] ?? 0) >= this.#length && !this.#endsInBreak;
    return isCut ? text.replace(/\n$/, "") : text;
  }

  #map(node: YAMLMap, depth: number): GoMap {
    const map: GoMap = new Map();
    for (const { key, value } of node.items) {
      if (isScalar(key) && key.value === "<<" && key.type === "PLAIN") this.#merge(map, value, depth);
      else map.set(this.#key(key), this.read(value, depth + 1));
    }
    return map;
  }

  #merge(map: GoMap, source: unknown, depth: number): void {
    const target = isAlias(source) ? this.#target(source) : source;
    if (isSeq(target)) {
      for (const item of target.items.toReversed()) this.#merge(map, item, depth + 1);
      return;
    }
    if (!isMap(target)) fail("map merge requires map or sequence of maps as the value");
    const merged = this.read(target, depth + 1);
    if (merged instanceof Map) for (const [key, value] of merged) map.set(key, value);
  }

  #key(key: unknown): string {
    const node = isAlias(key) ? this.#target(key) : key;
    if (!isScalar(node)) return fail("invalid map key");
    const resolved = this.#resolve(node);
    switch (resolved.tag) {
      case "str":
      case "timestamp":
        return fromJavaScript(resolved.value);
      case "bool":
      case "int":
        return String(resolved.value);
      case "float":
        return renderFloatKey(resolved.value);
      case "null":
        throw new FunctionError("error converting YAML to JSON: unsupported map key of type: %!s(<nil>), key: <nil>");
      default:
        return assertNever(resolved);
    }
  }
}

function fail(problem: string): never {
  throw new FunctionError(`error converting YAML to JSON: yaml: ${problem}`);
}

/** An explicit tag has to fit what the text is; integers are floats, too. */
function resolveAs(tag: Exclude<Resolved["tag"], "str">, text: string): Resolved {
  const resolved = resolvePlain(text);
  if (resolved.tag === tag) return resolved;
  if (tag === "float" && resolved.tag === "int") return { tag, value: Number(resolved.value) };
  return fail(`cannot decode !!${resolved.tag} \`${text}\` as a !!${tag}`);
}

function decodeBinary(text: string): string {
  const bytes = decodeBase64(text);
  return typeof bytes === "string" ? fail(`!!binary value contains invalid base64 data`) : decodeBytes(bytes);
}

function toPlain(resolved: Resolved): Value {
  switch (resolved.tag) {
    case "null":
      return null;
    case "int":
      return Number(resolved.value);
    case "float":
      if (!Number.isFinite(resolved.value)) {
        throw new FunctionError(
          `error converting YAML to JSON: json: unsupported value: ${formatFloat(resolved.value, "g", -1)}`,
        );
      }
      return resolved.value;
    case "str":
      return fromJavaScript(resolved.value);
    case "bool":
    case "timestamp":
      return resolved.value;
    default:
      return assertNever(resolved);
  }
}

/** Keys are rendered with single precision. */
function renderFloatKey(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  const single = Math.fround(value);
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return formatFloat(short, "g", -1);
  }
  return formatFloat(single, "g", -1);
}
