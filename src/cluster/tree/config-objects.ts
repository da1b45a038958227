import { posix } from "node:path";

import type { Context } from "../../base/context.ts";
import { assertNever, InputError } from "../../base/error.ts";
import { isPlainObject, mergeConfiguration } from "../../kubernetes/merge.ts";
import { parseYaml, renderYamlDocuments } from "../../kubernetes/yaml.ts";
import type { ConfigObject } from "../cluster.ts";
import { textFile, type HostTree, type HostTreeEntry } from "./host-tree.ts";
import { findText } from "./read-file.ts";

/** Applies the objects that match the image, in their order, to its files. A target that is not there is made. */
export async function applyConfigObjects(
  ctx: Context,
  { image, files }: { image: string; files: HostTree },
  configs: readonly ConfigObject[],
): Promise<HostTree> {
  let result: ReadonlyMap<string, HostTreeEntry> = files;
  for (const config of configs) {
    if (config.match !== undefined && config.match !== "" && config.match !== image) continue;
    const path = checkPath(config);
    const present = await findText(ctx, result, path);
    const text = applyConfigObject(config, present);
    const entry = result.get(path);
    result = new Map([...result, [path, textFile(text, entry?.type === "file" ? entry.mode : 0o644)]]);
  }
  return result;
}

/** The new text of the target. @throws {InputError} when a merge meets what is not YAML or has another shape. */
export function applyConfigObject({ name, path, strategy, data }: ConfigObject, present: string | undefined): string {
  if (present === undefined) return data;
  switch (strategy) {
    case "override":
      return data;
    case "insert":
      return `${data}\n${present}`;
    case "append":
      return `${present}\n${data}`;
    case "merge":
      return mergeTexts(present, data, { config: name, path });
    default:
      return assertNever(strategy);
  }
}

function mergeTexts(present: string, data: string, { config, path }: { config: string; path: string }): string {
  const override = parseYaml(data, `Config ${config}`)[0]?.value ?? {};
  const documents = parseYaml(present, path).map(({ value }) => value);
  if (!isPlainObject(override) || !documents.every(isPlainObject)) {
    throw new InputError(`Cannot merge Config "${config}" into "${path}": both have to be YAML mappings`);
  }
  return renderYamlDocuments(
    (documents.length === 0 ? [{}] : documents).map((base) => mergeConfiguration(base, override)),
  );
}

function checkPath({ name, path }: ConfigObject): string {
  const normal = posix.normalize(path).replace(/^\.\//, "");
  if (posix.isAbsolute(normal) || normal === "." || normal === ".." || normal.startsWith("../")) {
    throw new InputError(`Cannot apply Config "${name}": its path "${path}" leads out of the image`);
  }
  return normal;
}
