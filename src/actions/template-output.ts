import { resolve } from "node:path";

import { writeFileAtomic } from "../base/atomic-file.ts";
import type { Context } from "../base/context.ts";
import { ChartError } from "../templates/helm/errors.ts";
import { printedManifests, renderManifest } from "../templates/helm/template-chart.ts";
import type { PrintOptions, RenderedChart } from "../templates/helm/template-chart.ts";

/**
 * Writes what a chart gives below the folder, one file a template, over what is there. Nothing is written when a path
 * leads out of the folder. @returns the files, as lines to print.
 */
export async function writeManifests(
  ctx: Context,
  folder: string,
  { rendered, print }: { readonly rendered: RenderedChart; readonly print: PrintOptions },
): Promise<string> {
  const manifests = printedManifests(rendered, print);
  const files = new Map<string, string>();
  for (const manifest of manifests) {
    const path = resolve(folder, manifest.path);
    if (!path.startsWith(`${folder}/`)) {
      throw new ChartError(`Cannot write "${manifest.path}": it leads out of "${folder}"`);
    }
    files.set(path, (files.get(path) ?? "") + renderManifest(manifest));
  }
  for (const [path, text] of files) {
    ctx.signal.throwIfAborted();
    await writeFileAtomic(path, text);
  }
  return [...files.keys()].map((path) => `wrote ${path}\n`).join("");
}
