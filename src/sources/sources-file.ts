import * as v from "valibot";

import { InputError } from "../base/error.ts";
import { parseYaml } from "../kubernetes/yaml.ts";

/** Path in the payload to whatever it is made from. */
const FILES = v.record(v.string(), v.string());

/** A file or archive that its project publishes. */
const RELEASE = v.strictObject({
  url: v.string(),
  /** Where its project publishes the SHA-256 of it: a URL, or what to append to this one, such as `.sha256`. */
  checksum: v.optional(v.string()),
  /** The path in the payload; absent for an archive. */
  program: v.optional(v.string()),
  /** Members of the archive, by their paths in the payload. */
  members: v.optional(FILES),
});

/** Programs built from Go modules. */
const MODULE = v.strictObject({
  /** Holds go.mod and go.sum, relative to the file. */
  directory: v.string(),
  /** `MODULE@VERSION`: what `sources lock` makes go.mod for. */
  require: v.array(v.string()),
  /** Version of the modules that the first required one keeps in folders of its own. */
  staging: v.optional(v.string()),
  cgo: v.optional(v.boolean(), false),
  /** Of `go build`. */
  flags: v.optional(v.array(v.string()), []),
  /** Go packages, by the paths of their programs in the payload. */
  programs: FILES,
});

/** One program of one C file. */
const COMPILE = v.strictObject({
  /** Relative to the file. */
  source: v.string(),
  flags: v.optional(v.array(v.string()), []),
  program: v.string(),
});

/** Files that this machine has from its distribution's packages. */
const MACHINE = v.strictObject({
  packages: v.array(v.string()),
  files: FILES,
  /** Folder of the payload that the libraries of the files go to, under their own paths. */
  libraries: v.optional(v.string()),
});

const ARTIFACT = v.strictObject({
  name: v.pipe(v.string(), v.nonEmpty()),
  release: v.optional(v.array(RELEASE)),
  module: v.optional(MODULE),
  compile: v.optional(COMPILE),
  machine: v.optional(MACHINE),
  /** Text files: their lines. */
  text: v.optional(v.record(v.string(), v.array(v.string()))),
});

const SOURCES = v.strictObject({
  /** Values for `${name}`; the command line overrides them. */
  arguments: v.optional(FILES, {}),
  /** More values for each value that the argument `version` may have. */
  versions: v.optional(v.record(v.string(), FILES)),
  artifacts: v.array(ARTIFACT),
});

export type SourcesFile = v.InferOutput<typeof SOURCES>;
export type Artifact = v.InferOutput<typeof ARTIFACT>;
export type ReleaseSource = v.InferOutput<typeof RELEASE>;
export type ModuleSource = v.InferOutput<typeof MODULE>;
export type CompileSource = v.InferOutput<typeof COMPILE>;
export type MachineSource = v.InferOutput<typeof MACHINE>;

/** @throws {InputError} naming file, line and column of everything that is wrong. */
export function parseSourcesFile(text: string, file: string): SourcesFile {
  const [document] = parseYaml(text, file);
  const result = v.safeParse(SOURCES, document?.value);
  if (result.success) return result.output;
  const lines = result.issues.map((issue) => {
    const path = (issue.path ?? []).map(({ key }) => key).filter((key) => isKey(key));
    const { line, column } = document?.positionOf(path) ?? { line: 1, column: 1 };
    return `${file}:${line}:${column}: ${path.join(".") || "document"}: ${issue.message}`;
  });
  throw new InputError(`Cannot read sources "${file}":\n${lines.join("\n")}`, {
    hint: "Correct the lines above; docs/image-sources.md describes the format",
  });
}

function isKey(key: unknown): key is string | number {
  return typeof key === "string" || typeof key === "number";
}
