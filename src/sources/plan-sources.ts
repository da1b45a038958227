import { InputError } from "../base/error.ts";
import { findClosest } from "../base/text.ts";
import { safePath } from "../archive/safe-path.ts";
import { programName } from "./program-name.ts";
import type { Artifact, SourcesFile } from "./sources-file.ts";

type Values = Readonly<Record<string, string>>;

/** What a payload consists of: no `${name}` is left anywhere. */
export interface SourcePlan {
  /** All arguments with their values, those that follow from the version too. */
  readonly values: Values;
  readonly artifacts: readonly Artifact[];
}

export interface PlanOptions {
  /** As images name it: `amd64`, `arm64`. */
  readonly architecture: string;
  /** Override those of the file. */
  readonly arguments: Values;
}

/** @throws {InputError} for an unknown argument or version, an unsafe path, or a path that two artifacts fill. */
export function planSources(sources: SourcesFile, options: PlanOptions): SourcePlan {
  const values = resolveValues(sources, options);
  const artifacts = sources.artifacts.map((artifact) => substitute(artifact, values));
  for (const artifact of artifacts) checkArtifact(artifact);
  checkCollisions(artifacts);
  return { values, artifacts };
}

function resolveValues(sources: SourcesFile, options: PlanOptions): Values {
  const known = sources.arguments;
  for (const name of Object.keys(options.arguments)) {
    if (Object.hasOwn(known, name)) continue;
    const closest = findClosest(name, Object.keys(known));
    throw new InputError(`Cannot set argument "${name}": the sources have no such argument`, {
      hint: closest === undefined ? `Use one of ${Object.keys(known).join(", ")}` : `Did you mean "${closest}"?`,
    });
  }
  const given = { ...known, ...options.arguments };
  return { ...given, ...versionValues(sources, given["version"]), architecture: options.architecture };
}

function versionValues({ versions }: SourcesFile, version: string | undefined): Values {
  if (!versions) return {};
  const values = version === undefined || !Object.hasOwn(versions, version) ? undefined : versions[version];
  if (values) return values;
  throw new InputError(`Cannot prepare version "${version ?? ""}": the sources describe other versions`, {
    hint: `Use one of ${Object.keys(versions).join(", ")}`,
  });
}

/** The same structure with the values in all its texts, keys included. */
function substitute<T>(node: T, values: Values): T;
function substitute(node: unknown, values: Values): unknown {
  if (typeof node === "string") return substituteText(node, values);
  if (Array.isArray(node)) return node.map((item) => substitute(item, values));
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [substituteText(key, values), substitute(value, values)]),
  );
}

function substituteText(text: string, values: Values): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new InputError(`Cannot use "${text}": there is no argument "${name}"`);
    return value;
  });
}

function checkArtifact({ name, release, module, compile, machine, text }: Artifact): void {
  const made = [module, compile, machine, text].filter((way) => way !== undefined);
  if (made.length > 1 || (made.length === 0 && !release)) {
    throw new InputError(`Cannot use artifact "${name}": expected a release, one other source, or both`);
  }
  for (const { url, program, members } of release ?? []) {
    if ((program === undefined) === (members === undefined)) {
      throw new InputError(`Cannot use artifact "${name}": "${url}" needs either a program or members`);
    }
  }
  const names = Object.values(module?.programs ?? {}).map(programName);
  const twin = names.find((item, index) => names.indexOf(item) < index);
  if (twin !== undefined) throw new InputError(`Cannot use artifact "${name}": two programs are called "${twin}"`);
}

function checkCollisions(artifacts: readonly Artifact[]): void {
  const owners = new Map<string, string>();
  for (const artifact of artifacts) {
    for (const path of new Set(pathsOf(artifact))) {
      if (safePath(path) !== path) throw new InputError(`Cannot use path "${path}" of artifact "${artifact.name}"`);
      const owner = owners.get(path);
      if (owner !== undefined) {
        throw new InputError(`Cannot use path "${path}": the artifacts "${owner}" and "${artifact.name}" both fill it`);
      }
      owners.set(path, artifact.name);
    }
  }
}

/** The paths in the payload that an artifact fills; those of libraries are known only when it is made. */
function pathsOf({ release, module, compile, machine, text }: Artifact): string[] {
  return [
    ...(release ?? []).flatMap(({ program, members }) => [program ?? [], Object.keys(members ?? {})].flat()),
    ...Object.keys(module?.programs ?? {}),
    ...(compile ? [compile.program] : []),
    ...Object.keys(machine?.files ?? {}),
    ...Object.keys(text ?? {}),
  ];
}
