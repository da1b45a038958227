import { runTask, type Context } from "../base/context.ts";
import { checkStore, removeDamage, type StoreCheck } from "../store/fsck.ts";
import type { ImageEnvironment } from "./image-environment.ts";

export interface CheckedStore extends StoreCheck {
  /** True when damaged files were removed. */
  readonly isRepaired: boolean;
  /** The images that are not whole: to be pulled, loaded or built again. */
  readonly affected: readonly string[];
}

/** Verifies every blob and every reference of the local store. */
export async function checkLocalStore(
  ctx: Context,
  { store }: ImageEnvironment,
  { repair }: { repair: boolean },
): Promise<CheckedStore> {
  const check = await runTask(ctx, `Check ${store.root}`, (inner) => checkStore(inner, store.root));
  if (repair) await removeDamage(store.root, check);
  const affected = [...new Set(check.damages.flatMap(({ images }) => images))].toSorted();
  return { ...check, isRepaired: repair, affected };
}
