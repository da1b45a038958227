import { rm, stat } from "node:fs/promises";
import { join } from "node:path";

import type { Bytes } from "../base/bytes.ts";
import { runTask, type Context } from "../base/context.ts";
import type { Digest } from "../oci/digest.ts";
import { fetchFile } from "../sources/fetch-file.ts";
import { loadArchive, loadImages as loadOpened, type LoadedImage } from "../store/load-archive.ts";
import { findParts } from "../store/transport/archive-parts.ts";
import { openImages } from "../store/transport/open-images.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toLocalName } from "./local-name.ts";

export interface LoadedName {
  /** Absent when the archive gives the image none. */
  readonly name: string | undefined;
  readonly digest: Digest;
}

export interface LoadOptions {
  /** Further names of the only image that there is. */
  readonly tags?: readonly string[];
  /** Whether what is said about the images comes too; default true. */
  readonly referrers?: boolean;
}

const DOWNLOAD_LIMIT_BYTES = 2 ** 40;

/**
 * Puts images into the store, under the names that they have where they come from. What that is, is found out: an
 * oci-archive or docker-archive, packed or not, in parts or not, or a folder of one of the formats.
 * @param input a path, an `http:` or `https:` URL, or a stream.
 */
export async function loadImages(
  ctx: Context,
  { store }: ImageEnvironment,
  input: string | Bytes,
  { tags = [], referrers = true }: LoadOptions = {},
): Promise<readonly LoadedName[]> {
  const title = `Load ${typeof input === "string" ? input : "standard input"}`;
  const loaded = await runTask(ctx, title, (inner) => load(inner, store, { input, referrers }));
  const names = loaded.map(({ name, descriptor }) => ({ name, digest: descriptor.digest }));
  const [only, ...others] = new Set(loaded.map(({ descriptor }) => descriptor));
  if (tags.length === 0 || !only || others.length > 0) return names;
  const given: LoadedName[] = [];
  for (const name of tags.map(toLocalName)) {
    await store.tag(ctx, only, name);
    given.push({ name, digest: only.digest });
  }
  return [...names.filter(({ name }) => name !== undefined), ...given];
}

async function load(
  ctx: Context,
  store: ImageEnvironment["store"],
  { input, referrers }: { input: string | Bytes; referrers: boolean },
): Promise<readonly LoadedImage[]> {
  if (typeof input !== "string") return loadArchive(ctx, store, input, { name: "standard input", referrers });
  if (/^https?:\/\//.test(input)) return loadUrl(ctx, store, { url: input, referrers });
  const parts = await findParts(ctx, input);
  if (parts) return loadArchive(ctx, store, parts.content, { name: parts.name, referrers });
  if (!(await isFolder(input))) return loadArchive(ctx, store, input, { name: input, referrers });
  const transport = (await isFile(join(input, "oci-layout"))) ? "oci" : "dir";
  const options = { createTemporary: () => store.createTemporary(), findStorageRoots: async () => [] };
  await using opened = await openImages(ctx, { transport, path: input }, options);
  return loadOpened(ctx, store, opened, { referrers });
}

async function loadUrl(
  ctx: Context,
  store: ImageEnvironment["store"],
  { url, referrers }: { url: string; referrers: boolean },
): Promise<readonly LoadedImage[]> {
  const destination = store.createTemporary();
  try {
    const request = { url, sha256: undefined, limitBytes: DOWNLOAD_LIMIT_BYTES };
    await runTask(ctx, `Fetch ${url}`, (inner) => fetchFile(inner, request, { destination }));
    return await loadArchive(ctx, store, destination, { name: url, referrers });
  } finally {
    await rm(destination, { force: true });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
