import { LineCounter, parseAllDocuments, stringify, type Document, type ScalarTag } from "yaml";

import { InputError } from "../base/error.ts";

/** YAML 1.1's octal numbers, which Kubernetes still reads (`defaultMode: 0644`); `yes` and `no` stay strings. */
const OCTAL: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^0[0-7]+$/,
  resolve: (text) => Number.parseInt(text, 8),
};

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** One document of a YAML stream, with the places of its fields. */
export interface YamlDocument {
  readonly value: unknown;
  /** The place of a field, or of its closest parent that exists. */
  positionOf(path: readonly (string | number)[]): Position;
}

/** @throws {InputError} naming `file`, line and column of every syntax error. */
export function parseYaml(text: string, file: string): YamlDocument[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, customTags: (tags) => [OCTAL, ...tags], merge: true });
  if (!Array.isArray(documents)) return [];
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length > 0) {
    const lines = errors.map(({ message, pos }) => {
      const { line, col } = lineCounter.linePos(pos[0]);
      return `${file}:${line}:${col}: ${message.split("\n", 1)[0]}`;
    });
    throw new InputError(`Cannot read "${file}" as YAML:\n${lines.join("\n")}`);
  }
  return documents
    .filter((document) => document.contents !== null)
    .map((document) => toYamlDocument(document, lineCounter));
}

/** Block style, keys in the order of the object, no folding of long lines. */
export function renderYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Several documents as one stream. */
export function renderYamlDocuments(values: readonly unknown[]): string {
  return values.map((value) => renderYaml(value)).join("---\n");
}

function toYamlDocument(document: Document.Parsed, lineCounter: LineCounter): YamlDocument {
  return {
    value: document.toJS({ maxAliasCount: 100 }),
    positionOf(path) {
      for (let length = path.length; length >= 0; length--) {
        const node = document.getIn(path.slice(0, length), true);
        if (isNode(node)) {
          const { line, col } = lineCounter.linePos(node.range[0]);
          return { line, column: col };
        }
      }
      return { line: 1, column: 1 };
    },
  };
}

function isNode(value: unknown): value is { range: [number, number, number] } {
  return typeof value === "object" && value !== null && "range" in value && Array.isArray(value.range);
}
