import type { Context } from "../base/context.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toLocalName } from "./local-name.ts";

/** Gives an image of the store more names. @returns the names in full. */
export async function tagImage(
  ctx: Context,
  { store }: ImageEnvironment,
  { name, newNames }: { name: string; newNames: readonly string[] },
): Promise<readonly string[]> {
  const names = newNames.map(toLocalName);
  const { descriptor } = await store.find(ctx, name);
  for (const newName of names) await store.tag(ctx, descriptor, newName);
  return names;
}
