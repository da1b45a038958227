import { findItems, GoObject, TypedList, TypedMap } from "../value/value.ts";
import type { GoMap, Value } from "../value/value.ts";
import type { ChartMetadata } from "./metadata.ts";

/** Go's names of the fields of Chart.yaml, its zero values where a field is missing. */
const TEXT_FIELDS: Readonly<Record<string, string>> = {
  Name: "name",
  Home: "home",
  Version: "version",
  Description: "description",
  Icon: "icon",
  APIVersion: "apiVersion",
  Condition: "condition",
  Tags: "tags",
  AppVersion: "appVersion",
  KubeVersion: "kubeVersion",
  Type: "type",
};

/** `.Chart`: a struct, so that `.Chart.name` is an error and `.Chart.Name` is the name. */
export class ChartObject extends GoObject {
  readonly type = "struct { chart.Metadata; IsRoot bool }";
  readonly kind = "struct";
  readonly #metadata: ChartMetadata;
  readonly #isRoot: boolean;

  constructor(metadata: ChartMetadata, isRoot: boolean) {
    super();
    this.#metadata = metadata;
    this.#isRoot = isRoot;
  }

  override field(name: string): Value {
    const { document, apiVersion } = this.#metadata;
    const key = Object.hasOwn(TEXT_FIELDS, name) ? TEXT_FIELDS[name] : undefined;
    if (key === "apiVersion") return apiVersion;
    if (key !== undefined) return textOf(document.get(key));
    switch (name) {
      case "IsRoot":
        return this.#isRoot;
      case "Deprecated":
        return document.get("deprecated") === true;
      case "Keywords":
        return new TypedList("string", findItems(document.get("keywords")) ?? []);
      case "Sources":
        return new TypedList("string", findItems(document.get("sources")) ?? []);
      case "Annotations":
        return annotationsOf(document.get("annotations"));
      case "Maintainers":
        return objectsOf(document.get("maintainers"), "chart.Maintainer", ["name", "email", "url"]);
      case "Dependencies":
        return objectsOf(document.get("dependencies"), "chart.Dependency", [
          "name",
          "version",
          "repository",
          "condition",
          "alias",
        ]);
      default:
        return undefined;
    }
  }

  print(): string {
    return `{${this.#metadata.name} ${this.#metadata.version}}`;
  }

  /** As JSON: the fields of Chart.yaml that are set, and `IsRoot`. */
  override toPlain(): Value {
    return new Map<string, Value>([
      ...this.#metadata.document,
      ["apiVersion", this.#metadata.apiVersion],
      ["IsRoot", this.#isRoot],
    ]);
  }
}

/** An entry of a list in Chart.yaml; its fields are texts. */
class EntryObject extends GoObject {
  readonly kind = "ptr";
  readonly type: string;
  readonly #entry: GoMap;
  readonly #keys: readonly string[];

  constructor(type: string, entry: GoMap, keys: readonly string[]) {
    super();
    this.type = `*${type}`;
    this.#entry = entry;
    this.#keys = keys;
  }

  override field(name: string): Value {
    const key = this.#keys.find((candidate) => name.toLowerCase() === candidate && /^[A-Z]/.test(name));
    return key === undefined ? undefined : textOf(this.#entry.get(key));
  }

  print(): string {
    return `&{${this.#keys.map((key) => textOf(this.#entry.get(key))).join(" ")}}`;
  }

  override toPlain(): Value {
    return this.#entry;
  }
}

function textOf(value: Value): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

function annotationsOf(value: Value): TypedMap {
  return new TypedMap(
    "string",
    value instanceof Map ? [...value].map(([key, item]) => [key, textOf(item)] as const) : [],
  );
}

function objectsOf(value: Value, type: string, keys: readonly string[]): TypedList {
  const entries = (findItems(value) ?? []).filter((entry) => entry instanceof Map);
  return new TypedList(
    `*${type}`,
    entries.map((entry) => new EntryObject(type, entry, keys)),
  );
}
