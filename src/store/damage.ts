import { rm } from "node:fs/promises";
import { join } from "node:path";

import type { Descriptor } from "../oci/descriptor.ts";
import { IntegrityError } from "../oci/errors.ts";
import { imageContent } from "./image-graph.ts";
import { storedImages } from "./image-names.ts";
import { readIndex } from "./index-file.ts";
import { blobFile } from "./layout.ts";

/** Removes a damaged blob, so that it is fetched or built again. @returns the error, which names what is affected. */
export async function discardDamaged(
  root: string,
  { digest }: Pick<Descriptor, "digest">,
  cause: unknown,
): Promise<IntegrityError> {
  await rm(join(root, blobFile(digest)), { force: true });
  const names = await namesWith(root, digest);
  const subject = names.length === 0 ? "an image" : `image ${names.map((name) => `"${name}"`).join(", ")}`;
  const path = join(root, blobFile(digest));
  return new IntegrityError(`Cannot read ${subject}: blob ${digest} was damaged on disk ("${path}") and is removed`, {
    hint: "Pull or build the image again",
    cause,
  });
}

async function namesWith(root: string, digest: Descriptor["digest"]): Promise<string[]> {
  const names: string[] = [];
  for (const image of storedImages(await readIndex(root))) {
    if (!(await imageContent(root, [image.descriptor])).digests.has(digest)) continue;
    names.push(...(image.names.length === 0 ? [image.descriptor.digest] : image.names));
  }
  return names;
}
