import type { Bytes } from "../base/bytes.ts";
import { runTask, type Context } from "../base/context.ts";
import type { Digest } from "../oci/digest.ts";
import { loadArchive } from "../store/load-archive.ts";
import type { ImageEnvironment } from "./image-environment.ts";

export interface LoadedName {
  /** Absent when the archive gives the image none. */
  readonly name: string | undefined;
  readonly digest: Digest;
}

/** Puts the images of an archive into the store, under the names that they have there. */
export async function loadImages(
  ctx: Context,
  { store }: ImageEnvironment,
  archive: string | Bytes,
): Promise<readonly LoadedName[]> {
  const title = `Load ${typeof archive === "string" ? archive : "standard input"}`;
  const loaded = await runTask(ctx, title, (inner) => loadArchive(inner, store, archive));
  return loaded.map(({ name, descriptor }) => ({ name, digest: descriptor.digest }));
}
