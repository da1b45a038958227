import { isImageText, type Expectation } from "./image-text.ts";

/** A path of keys and positions in a document. */
export type FieldPath = readonly (string | number)[];

export interface ImageField {
  /** A valid name of an image. */
  readonly text: string;
  /** The field that it was read from, or the one that begins a triple. */
  readonly path: FieldPath;
}

/** A text of several lines inside a document, which may be a document itself. */
export interface NestedText {
  readonly text: string;
  readonly path: FieldPath;
}

export interface FieldOptions {
  /** What an empty tag beside a repository means, as in the values of a chart. */
  readonly defaultTag?: string | undefined;
}

export interface FoundFields {
  readonly images: readonly ImageField[];
  readonly nested: readonly NestedText[];
}

type Fields = Readonly<Record<string, unknown>>;

/** `image`, the field that Kubernetes has it in, at any depth. */
const IMAGE_KEY = /^image$/i;
/** `sidecarImage`, `proxy-image`, `image_name`, `imageRef`, `images`. */
const LIKELY_KEY = /image(?:s|[-_]?(?:name|ref|reference|url|uri))?$/i;
/** Names of environment variables: `RELATED_IMAGE_X`, `OPERATOR_IMAGE`, `PROXY_IMG`. */
const IMAGE_VARIABLE = /(?:^|_)(?:IMAGE|IMG|IMAGES)(?:_|$)|IMAGE$/i;
/** `--prometheus-config-reloader=NAME`. */
const FLAG = /^--?([\w.-]+)=(.+)$/;
const MAX_DEPTH = 200;

/** Every image that a document names, in the order of the document. Pure: nothing is said about where it is from. */
export function findImageFields(value: unknown, options: FieldOptions = {}): FoundFields {
  const walk = new FieldWalk(options);
  walk.visit(value, []);
  return walk;
}

class FieldWalk implements FoundFields {
  readonly images: ImageField[] = [];
  readonly nested: NestedText[] = [];
  readonly #options: FieldOptions;

  constructor(options: FieldOptions) {
    this.#options = options;
  }

  visit(value: unknown, path: FieldPath): void {
    if (path.length > MAX_DEPTH) return;
    if (typeof value === "string") return this.#text(value, path);
    if (Array.isArray(value)) return this.#list(value, path);
    if (!isFields(value) || isNotWanted(value)) return;
    const taken = this.#map(value, path);
    for (const [key, item] of Object.entries(value)) if (!taken.has(key)) this.visit(item, [...path, key]);
  }

  #text(text: string, path: FieldPath): void {
    if (text.includes("\n")) this.nested.push({ text, path });
    else {
      const key = path.findLast((part) => typeof part === "string") ?? "";
      const expectation = expectationOf(key);
      if (expectation) this.#add(text, expectation, path);
    }
  }

  #list(list: readonly unknown[], path: FieldPath): void {
    const isArguments = /^(?:args|command|extraArgs)$/.test(String(path.at(-1)));
    for (const [index, item] of list.entries()) {
      if (isArguments && typeof item === "string") this.#argument(item, list[index - 1], [...path, index]);
      else this.visit(item, [...path, index]);
    }
  }

  #argument(text: string, before: unknown, path: FieldPath): void {
    const [, flag, value] = FLAG.exec(text) ?? [];
    if (flag !== undefined && value !== undefined) {
      this.#add(unquote(value), LIKELY_KEY.test(flag) ? "likely" : "unlikely", path);
    } else if (typeof before === "string" && /^--?[\w.-]*image$/i.test(before)) this.#add(text, "likely", path);
    else if (text.includes("\n")) this.nested.push({ text, path });
  }

  /** Images that are made of several fields of a map. @returns the keys that have been dealt with */
  #map(fields: Fields, path: FieldPath): ReadonlySet<string> {
    const { name, value, image, reference } = fields;
    if (typeof name === "string" && typeof value === "string" && "value" in fields) {
      this.#add(value, IMAGE_VARIABLE.test(name) ? "likely" : undefined, [...path, "value"]);
      return value.includes("\n") ? new Set(["name"]) : new Set(["name", "value"]);
    }
    const isImage = LIKELY_KEY.test(String(path.at(-1) ?? ""));
    if (isImage && typeof reference === "string") this.#add(reference, "image", [...path, "reference"]);
    if (typeof image === "string" && isRadosImage(fields)) return new Set(["image"]);
    const triple = joinTriple(fields, { isImage, defaultTag: this.#options.defaultTag });
    if (!triple) return new Set();
    this.#add(triple.text, "image", [...path, triple.key]);
    return new Set([triple.key, "tag", "digest"]);
  }

  #add(text: string, expectation: Expectation | undefined, path: FieldPath): void {
    if (expectation && isImageText(text, expectation)) this.images.push({ text, path });
  }
}

function expectationOf(key: string): Expectation | undefined {
  if (IMAGE_KEY.test(key)) return "image";
  return LIKELY_KEY.test(key) ? "likely" : undefined;
}

interface Triple {
  readonly text: string;
  /** The field that has the repository. */
  readonly key: string;
}

/** `{registry, repository, tag, digest}`, or `image` or `name` instead of the repository where the map is an image. */
function joinTriple(
  fields: Fields,
  { isImage, defaultTag }: { isImage: boolean; defaultTag: string | undefined },
): Triple | undefined {
  const key = ["repository", ...(isImage ? ["repo", "name"] : []), "image"].find((key) => textOf(fields[key]) !== "");
  if (key === undefined) return undefined;
  const tag = textOf(fields["tag"]) || (isImage && textOf(fields["version"])) || "";
  const digest = textOf(fields["digest"]) || textOf(fields["sha"]);
  const hasPart = ["tag", "digest", "registry", "sha"].some((part) => part in fields);
  if (!isImage && !hasPart) return undefined;
  const repository = textOf(fields[key]);
  const registry = textOf(fields["registry"]) || textOf(fields["hub"]);
  const prefix = registry === "" || repository.startsWith(`${registry}/`) ? "" : `${registry.replace(/\/$/, "")}/`;
  const isComplete = /[:@][^/]+$/.test(repository);
  const chosen = tag || (digest === "" && !isComplete ? (defaultTag ?? "") : "");
  const text = `${prefix}${repository}${chosen === "" || isComplete ? "" : `:${chosen}`}${toDigest(digest, repository)}`;
  return { text, key };
}

function toDigest(digest: string, repository: string): string {
  if (digest === "" || repository.includes("@")) return "";
  return `@${/^[0-9a-f]{64}$/.test(digest) ? "sha256:" : ""}${digest}`;
}

/** Tags such as `1.27` are numbers to YAML. */
function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** A block device of Ceph has an image, too. */
function isRadosImage(fields: Fields): boolean {
  return "pool" in fields || "monitors" in fields;
}

/** Nodes say which images they have; definitions describe fields, see `findDefaultImages`. */
function isNotWanted({ kind }: Fields): boolean {
  return kind === "Node" || kind === "CustomResourceDefinition";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unquote(text: string): string {
  return /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;
}
