import { parseReference, renderReference } from "../../oci/reference.ts";
import { parseYaml, type YamlDocument } from "../../kubernetes/yaml.ts";
import { InputError } from "../../base/error.ts";
import type { FieldPath } from "./image-fields.ts";

/** A file with values of a chart. */
export interface ValuesText {
  readonly file: string;
  readonly text: string;
}

export interface ValuesPlace {
  readonly file: string;
  readonly line: number;
  /** The names that templates may read it by, the closest first: `.Values.image.repository`, `.Values.image`. */
  readonly names: readonly string[];
}

interface Scalar {
  readonly file: string;
  readonly text: string;
  readonly path: FieldPath;
  readonly document: YamlDocument;
}

/** Finds the value that an image was made of. */
export class ValuesIndex {
  readonly #scalars = new Map<string, Scalar>();

  /** @param texts the ones that win first */
  constructor(texts: readonly ValuesText[]) {
    for (const { file, text } of texts) {
      for (const document of parse(text, file)) {
        for (const scalar of scalarsOf(document.value, [])) {
          if (!this.#scalars.has(scalar.text)) this.#scalars.set(scalar.text, { ...scalar, file, document });
        }
      }
    }
  }

  /** The value that is the image, or its name without the tag, or that without the registry. */
  find(image: string): ValuesPlace | undefined {
    const { registry, repository, tag, digest } = parseReference(image);
    const untagged = image.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
    const forms = [image, renderReference({ registry, repository, ...(tag === undefined ? {} : { tag }) })];
    const names = [untagged, `${registry}/${repository}`, repository, repository.replace(/^library\//, "")];
    const found = [...forms, ...names].map((form) => this.#scalars.get(form)).find((scalar) => scalar !== undefined);
    const scalar = found ?? (digest === undefined ? undefined : this.#scalars.get(digest));
    if (!scalar) return undefined;
    return { file: scalar.file, line: scalar.document.positionOf(scalar.path).line, names: namesOf(scalar.path) };
  }
}

function namesOf(path: FieldPath): readonly string[] {
  const names = path.map((_, length) => [".Values", ...path.slice(0, length + 1)].join("."));
  return names.slice(-2).toReversed();
}

function parse(text: string, file: string): readonly YamlDocument[] {
  try {
    return parseYaml(text, file);
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

function* scalarsOf(value: unknown, path: FieldPath): Generator<{ text: string; path: FieldPath }> {
  if (typeof value === "string") yield { text: value, path };
  if (typeof value !== "object" || value === null) return;
  const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, item] of entries) yield* scalarsOf(item, [...path, key]);
}
