import { InputError } from "../../base/error.ts";
import { parseYaml, type YamlDocument } from "../../kubernetes/yaml.ts";
import { findImageFields, type FieldOptions, type FieldPath } from "./image-fields.ts";
import { isImageText } from "./image-text.ts";
import { findImageLines } from "./image-lines.ts";
import { splitDocuments } from "./split-documents.ts";

/** A name of an image and its line in a text, from 1. */
export interface ImageLine {
  readonly text: string;
  readonly line: number;
}

/** Documents larger than this are read by the line: a tree of it would take too much memory. */
const TREE_LIMIT = 512 * 1024;
const MAX_NESTING = 3;
/** A document without any of these names no image. */
const HINT = /image|img|repository/i;
const DEFINITION = /^kind:\s*["']?CustomResourceDefinition\b/m;

/**
 * The images that a stream of YAML or JSON documents names. A document that is no YAML, such as a template, is read by
 * the line.
 */
export function findYamlImages(text: string, options: FieldOptions = {}): readonly ImageLine[] {
  return findNested(text, options, 0);
}

function findNested(text: string, options: FieldOptions, depth: number): ImageLine[] {
  return splitDocuments(text).flatMap(({ text: document, line }) =>
    findInDocument(document, options, depth).map((image) => ({ ...image, line: image.line + line - 1 })),
  );
}

function findInDocument(text: string, options: FieldOptions, depth: number): ImageLine[] {
  if (!HINT.test(text)) return [];
  if (DEFINITION.test(text)) return findDefaultImages(text);
  const documents = text.length > TREE_LIMIT ? undefined : parse(text);
  if (!documents) return findImageLines(text);
  return documents.flatMap((document) => findInTree(document, { text, options, depth }));
}

function parse(text: string): YamlDocument[] | undefined {
  try {
    return parseYaml(text, "");
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

interface Source {
  readonly text: string;
  readonly options: FieldOptions;
  readonly depth: number;
}

function findInTree(document: YamlDocument, { text, options, depth }: Source): ImageLine[] {
  const { images, nested } = findImageFields(document.value, options);
  const found = images.map(({ text: name, path }) => ({ text: name, line: document.positionOf(path).line }));
  if (depth >= MAX_NESTING) return found;
  const lines = text.split("\n");
  const inner = nested.flatMap(({ text: block, path }) => {
    const start = startOf(document, path, lines);
    return findNested(block, options, depth + 1).map((image) => ({ ...image, line: image.line + start - 1 }));
  });
  return [...found, ...inner].sort((a, b) => a.line - b.line);
}

/** The first line of a text: behind the line of its `|` or `>`, if it has one. */
function startOf(document: YamlDocument, path: FieldPath, lines: readonly string[]): number {
  const { line, column } = document.positionOf(path);
  return /^[|>]/.test((lines[line - 1] ?? "").slice(column - 1)) ? line + 1 : line;
}

/** A definition of custom resources names the images that its fields have by default. */
function findDefaultImages(text: string): ImageLine[] {
  return text.split("\n").flatMap((line, index) => {
    const value = /^\s*default:\s*["']?([^\s"']+)["']?\s*$/.exec(line)?.[1];
    return value !== undefined && isImageText(value, "unlikely") ? [{ text: value, line: index + 1 }] : [];
  });
}
