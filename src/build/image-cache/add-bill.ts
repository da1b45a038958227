import type { Context } from "../../base/context.ts";
import type { BuildPlan } from "../build-plan.ts";
import { DestinationError, LayerDraft } from "../layer/layer-draft.ts";
import type { Stage } from "../stage.ts";
import { toTime } from "../time.ts";
import { BILLS_FOLDER, type ImageBill } from "./image-bill.ts";

const TITLE = "bill of images";
const ROOT = { uid: 0, gid: 0 };

/** The same stage with a bill in a layer of its own, and the plan with the annotation that goes with it. */
export async function addBill(
  ctx: Context,
  { stage, plan, bill }: { stage: Stage; plan: BuildPlan; bill: ImageBill },
): Promise<{ readonly stage: Stage; readonly plan: BuildPlan }> {
  const tree = (await stage.openTree(ctx)).clone();
  const draft = new LayerDraft(tree, { mtime: plan.epoch });
  try {
    draft.makeFolders(BILLS_FOLDER, ROOT);
  } catch (error) {
    if (error instanceof DestinationError) return { stage, plan }; // the image has something else there
    throw error;
  }
  const { content } = bill;
  draft.put(bill.path, { type: "file", mode: 0o644, ...ROOT, mtime: plan.epoch, size: content.byteLength, content });
  const layer = { kind: "planned", title: TITLE, entries: draft.entries() } as const;
  const line = { created: toTime(plan.epoch), created_by: TITLE };
  return {
    stage: {
      ...stage,
      layers: [...stage.layers, layer],
      history: [...stage.history, line],
      openTree: async () => tree,
    },
    plan: plan.format === "docker" ? plan : { ...plan, annotations: { ...bill.annotations, ...plan.annotations } },
  };
}
