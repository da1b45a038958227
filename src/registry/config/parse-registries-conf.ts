import { InputError, messageOf } from "../../base/error.ts";
import { readToml } from "../../templates/toml/read-toml.ts";
import type { GoMap, Value } from "../../templates/value/value.ts";
import type { MirrorUse, RegistriesConfig, RegistryMirror, RegistryRule } from "./registries-config.ts";

/** Reads a registries.conf of version 2. @throws {InputError} naming the file and the field. */
export function parseRegistriesConf(text: string, file: string): RegistriesConfig {
  try {
    const document = new Table(readToml(text), "");
    if (document.has("registries")) throw new Error("it is of version 1, whose [registries.*] tables are out of use");
    const searchRegistries = document
      .list("unqualified-search-registries")
      ?.map((value) => toText(value, "a registry"));
    return {
      searchRegistries,
      rules: document.tables("registry").map((table) => parseRule(table, file)),
      aliases: new Map(document.table("aliases").entries()),
    };
  } catch (error) {
    throw new InputError(`Cannot read "${file}": ${messageOf(error)}`, {
      hint: "Correct the file; containers-registries.conf(5) describes version 2",
      cause: error,
    });
  }
}

function parseRule(table: Table, file: string): RegistryRule {
  const location = parseLocation(table, { isOptional: table.has("prefix") });
  const prefix = table.text("prefix") ?? location;
  if (prefix.startsWith("*.") && prefix.includes("/")) {
    throw new Error(`the prefix "${prefix}" has both a wildcard and a path`);
  }
  const onlyByDigest = table.flag("mirror-by-digest-only");
  return {
    prefix: withoutSlash(prefix),
    location,
    insecure: table.flag("insecure"),
    blocked: table.flag("blocked"),
    mirrors: table.tables("mirror").map((mirror) => parseMirror(mirror, onlyByDigest)),
    file,
  };
}

function parseMirror(table: Table, onlyByDigest: boolean): RegistryMirror {
  const use = table.text("pull-from-mirror");
  if (use !== undefined && onlyByDigest) {
    throw new Error("pull-from-mirror and mirror-by-digest-only exclude each other");
  }
  return {
    location: parseLocation(table, { isOptional: false }),
    insecure: table.flag("insecure"),
    pulls: onlyByDigest ? "digest-only" : toMirrorUse(use ?? "all"),
  };
}

function toMirrorUse(text: string): MirrorUse {
  if (text === "all" || text === "digest-only" || text === "tag-only") return text;
  throw new Error(`pull-from-mirror is "${text}", expected all, digest-only or tag-only`);
}

function parseLocation(table: Table, { isOptional }: { isOptional: boolean }): string {
  const location = withoutSlash(table.text("location") ?? "");
  if (/^https?:\/\//.test(location)) {
    throw new Error(
      `the location "${location}" has a scheme: write the host, and insecure = true where plain HTTP is meant`,
    );
  }
  if (location === "" && !isOptional) throw new Error(`${table.name} has no location`);
  return location;
}

function withoutSlash(text: string): string {
  return text.replace(/\/+$/, "");
}

/** A table of the file. Fields that it has besides are for other programs. */
class Table {
  readonly name: string;
  readonly #fields: GoMap;

  constructor(value: Value | undefined, name: string) {
    if (!(value instanceof Map)) throw new Error(`${name} is no table`);
    this.name = name;
    this.#fields = value;
  }

  has(field: string): boolean {
    return this.#fields.has(field);
  }

  text(field: string): string | undefined {
    const value = this.#fields.get(field);
    return value === undefined ? undefined : toText(value, field);
  }

  flag(field: string): boolean {
    const value = this.#fields.get(field) ?? false;
    if (typeof value === "boolean") return value;
    throw new Error(`${field} is neither true nor false`);
  }

  list(field: string): readonly Value[] | undefined {
    const value = this.#fields.get(field);
    if (value === undefined || Array.isArray(value)) return value;
    throw new Error(`${field} is no list`);
  }

  table(field: string): Table {
    return new Table(this.#fields.get(field) ?? new Map(), `[${field}]`);
  }

  tables(field: string): readonly Table[] {
    return (this.list(field) ?? []).map((value) => new Table(value, `[[${field}]]`));
  }

  entries(): readonly (readonly [string, string])[] {
    return [...this.#fields].map(([field, value]) => [field, toText(value, field)] as const);
  }
}

function toText(value: Value, what: string): string {
  if (typeof value === "string") return value;
  throw new Error(`${what} is no text`);
}
