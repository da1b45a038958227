import { runTask, type Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import { convertGraph, type ImageFormat } from "../oci/convert-graph.ts";
import { copyGraph } from "../oci/copy-graph.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { renderLocation, type ImageLocation } from "../oci/image-location.ts";
import { isIndexType } from "../oci/media-type.ts";
import type { Platform } from "../oci/platform.ts";
import { copyReferrers } from "../oci/referrers.ts";
import { BLOB_RETRY } from "../registry/client/remote-registry.ts";
import { ImageStore } from "../store/image-store.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { openImageDestination, type ImageDestination } from "./open-image-destination.ts";
import { openImageSource, type ImageSource } from "./open-image-source.ts";
import { selectPlatform } from "./read-image.ts";
import { repackLayer } from "./repack-layer.ts";

export interface TransferRequest {
  readonly from: ImageLocation;
  readonly to: ImageLocation;
  /** Of an index, all images; else the one for `platform`, default the machine's. */
  readonly all: boolean;
  readonly platform?: Platform | undefined;
  /** Signatures and what else is said about the image come too. */
  readonly referrers: boolean;
  /** Fails rather than write an image with another digest. */
  readonly preserveDigests: boolean;
  readonly format?: ImageFormat | undefined;
  readonly compression?: "gzip" | "zstd" | undefined;
}

export interface TransferredImage {
  readonly source: string;
  readonly destination: string;
  readonly digest: Digest;
  /** Of the source, when it is another. */
  readonly sourceDigest: Digest;
  readonly referrers: number;
}

/**
 * Copies one image from one place to another: a registry, the local store, a folder or an archive. What is there is
 * not sent again, everything is verified, and the image appears when all of it is there.
 */
export async function transferImage(
  ctx: Context,
  { source, destination }: { source: ImageEnvironment; destination: ImageEnvironment },
  request: TransferRequest,
): Promise<TransferredImage> {
  const title = `Copy ${renderLocation(request.from)} to ${renderLocation(request.to)}`;
  return runTask(ctx, title, async (inner) => {
    await using from = await openImageSource(inner, source, request.from);
    const root = await chooseRoot(inner, from, source, request);
    requireSameDigests(root, request);
    const stage = from.content instanceof ImageStore && !changesDigest(request) ? from.content : undefined;
    await using to = await openImageDestination(inner, destination, request.to, { name: from.name, stage });
    const copied = await copyContent(inner, { from, to, root }, { request, environment: source });
    const place = await to.finish(inner, copied.root);
    return {
      source: renderLocation(request.from),
      destination: place,
      digest: copied.root.digest,
      sourceDigest: root.digest,
      referrers: copied.referrers,
    };
  });
}

async function chooseRoot(
  ctx: Context,
  { content, root }: ImageSource,
  environment: ImageEnvironment,
  { all, platform = environment.platform, from }: TransferRequest,
): Promise<Descriptor> {
  return all ? root : selectPlatform(ctx, content, { name: renderLocation(from), root, platform });
}

/** What is said about an image names its digest: it stays behind when that changes. */
async function copyContent(
  ctx: Context,
  { from, to, root }: { from: ImageSource; to: ImageDestination; root: Descriptor },
  { request, environment }: { request: TransferRequest; environment: ImageEnvironment },
): Promise<{ root: Descriptor; referrers: number }> {
  const ends = { from: from.content, to: to.content, root };
  const options = { retry: BLOB_RETRY };
  if (changesDigest(request)) {
    const { format, compression } = request;
    const createTemporary = (): string => environment.store.createTemporary();
    const converted = await convertGraph(ctx, ends, {
      ...options,
      format,
      repackLayer:
        compression === undefined
          ? undefined
          : (inner, layer) => repackLayer(inner, layer, { ...ends, compression, createTemporary }),
    });
    if (converted.digest !== root.digest) return { root: converted, referrers: 0 };
  }
  await copyGraph(ctx, ends, options);
  const referrers = request.referrers ? await copyReferrers(ctx, ends, options) : 0;
  return { root, referrers };
}

function changesDigest({ format, compression }: TransferRequest): boolean {
  return format !== undefined || compression !== undefined;
}

function requireSameDigests(root: Descriptor, { preserveDigests, from, to, ...request }: TransferRequest): void {
  if (to.transport === "docker-archive" && isIndexType(root.mediaType)) {
    throw new InputError(`Cannot copy to "${renderLocation(to)}": the image is for several platforms`, {
      hint: "Choose one with --platform, or copy to an oci-archive",
    });
  }
  if (!preserveDigests) return;
  const reason = findChange({ from, to }, request);
  if (reason === undefined) return;
  throw new InputError(`Cannot copy "${renderLocation(from)}" with its digest: ${reason}`, {
    hint: "Leave out --preserve-digests, or what changes the digest",
  });
}

function findChange(
  { from, to }: Pick<TransferRequest, "from" | "to">,
  { format, compression }: Pick<TransferRequest, "format" | "compression">,
): string | undefined {
  if (compression !== undefined) return `its layers would be packed with ${compression}`;
  if (format !== undefined) return `its manifest may be written anew in the format ${format}`;
  if (to.transport === "docker-archive") return "a docker-archive has no manifest";
  if (from.transport === "docker-archive" || from.transport === "containers-storage") {
    return `${from.transport} does not keep the manifest and the layers as they were`;
  }
  return undefined;
}
