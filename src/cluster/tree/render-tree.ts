import type { Context } from "../../base/context.ts";
import { clusterFunctions } from "../../templates/standard-functions.ts";
import { parseTemplate, renderTemplate } from "../../templates/template.ts";
import { isBelow, textFile, type HostTree, type HostTreeEntry } from "./host-tree.ts";
import { readText } from "./read-file.ts";

/** Only here are templates rendered; charts bring their own. */
const TEMPLATE_FOLDERS = ["etc", "scripts", "manifests"];
const TEMPLATE_NAME = /\.(tmpl|tpl)$/;

/**
 * Replaces every `NAME.tmpl` by its rendering `NAME`, with the same mode. Data is the environment at the top level and
 * again under `.Env`; it is what `env` sees, too. @throws {TemplateError} naming file, line and column.
 */
export async function renderTree(
  ctx: Context,
  tree: HostTree,
  env: Readonly<Record<string, string>>,
): Promise<HostTree> {
  const rendered = new Map<string, HostTreeEntry>(tree);
  const functions = clusterFunctions({ environment: new Map(Object.entries(env)) });
  for (const [path, entry] of tree) {
    if (entry.type !== "file" || !isTemplate(path)) continue;
    const template = parseTemplate(await readText(ctx, tree, path), { name: path, functions });
    const text = renderTemplate(template, { ...env, Env: env, Values: {} });
    rendered.delete(path);
    rendered.set(path.replace(TEMPLATE_NAME, ""), textFile(text, entry.mode));
  }
  return rendered;
}

function isTemplate(path: string): boolean {
  return TEMPLATE_NAME.test(path) && TEMPLATE_FOLDERS.some((folder) => isBelow(path, folder));
}
