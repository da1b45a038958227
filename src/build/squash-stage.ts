import type { Context } from "../base/context.ts";
import type { HistoryEntry } from "../oci/image-config.ts";
import type { BuildPlan } from "./build-plan.ts";
import { walkTree } from "./context/walk-tree.ts";
import { toLayerEntries } from "./layer/layer-entries.ts";
import type { Stage } from "./stage.ts";

/** The same files in one layer, with those of the base image, as other builders squash. */
export async function squashStage(ctx: Context, stage: Stage, { epoch }: Pick<BuildPlan, "epoch">): Promise<Stage> {
  const tree = await stage.openTree(ctx);
  const files = [...walkTree(tree, "")].map(([path, entry]) => [path, { ...entry, mtime: epoch }] as const);
  const entries = toLayerEntries(files.filter(([, { type }]) => type !== "socket"));
  return {
    ...stage,
    manifest: undefined,
    layers: entries.length === 0 ? [] : [{ kind: "planned", title: "all layers in one", entries }],
    history: squashHistory(stage.history, entries.length > 0),
  };
}

/** Every line stays; the last one has the layer. */
function squashHistory(history: Stage["history"], hasLayer: boolean): Stage["history"] {
  const lines = history.map((entry): HistoryEntry => ({ ...entry, empty_layer: true }));
  const last = lines.pop();
  if (!last) return lines;
  const { empty_layer: isEmpty, ...withLayer } = last;
  return [...lines, hasLayer && isEmpty ? withLayer : last];
}
