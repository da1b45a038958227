import { bytesOf } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import type { Pusher } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { digestOf } from "../oci/digest.ts";

/** Writes a document down once and stores those bytes. */
export async function pushDocument(
  ctx: Context,
  to: Pusher,
  { mediaType, document }: { mediaType: string; document: object },
): Promise<Descriptor> {
  const content = Buffer.from(JSON.stringify(document));
  const descriptor = { mediaType, digest: digestOf(content), size: content.byteLength };
  await to.push(ctx, descriptor, bytesOf(content));
  return descriptor;
}
