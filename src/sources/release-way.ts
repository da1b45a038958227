import { createReadStream } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";

import { decompressDetected } from "../archive/decompress.ts";
import { readTar } from "../archive/tar-reader.ts";
import { collect } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { runTask } from "../base/context.ts";
import { writing } from "../base/disk-error.ts";
import { InputError } from "../base/error.ts";
import type { CachedFile } from "./content-cache.ts";
import { fetchFile } from "./fetch-file.ts";
import { mirroredUrl } from "./mirror.ts";
import { withSource } from "./open-source.ts";
import { checksumUrl, parsePublishedChecksum } from "./published-checksum.ts";
import { keyOf, type PayloadFiles, type SourceEnvironment, type SourceWay } from "./source-way.ts";
import type { ReleaseSource } from "./sources-file.ts";

/** No program of a cluster is larger; a hostile server must not be able to fill the disk. */
const LIMIT_BYTES = 2 ** 30;
const CHECKSUM_LIMIT_BYTES = 2 ** 20;

/** Files that their projects publish, verified by the lock or, where it has none, by the published hash. */
export function releaseWay(sources: readonly ReleaseSource[], environment: SourceEnvironment): SourceWay {
  return {
    kind: "release",
    key: keyOf("release", sources),
    async find() {
      const found: PayloadFiles[] = [];
      for (const source of sources) {
        const sha256 = environment.lock.releases[source.url];
        const files = sha256 === undefined ? undefined : await findFiles(source, environment, sha256);
        if (!files) return undefined;
        found.push(files);
      }
      return new Map(found.flatMap((files) => [...files]));
    },
    async make(ctx) {
      const made: PayloadFiles[] = [];
      for (const source of sources) {
        made.push(await runTask(ctx, basename(source.url), (task) => makeFiles(task, source, environment)));
      }
      return new Map(made.flatMap((files) => [...files]));
    },
  };
}

/** The hash that the file's project publishes. @throws {InputError} when the sources do not say where. */
export async function publishedChecksum(
  ctx: Context,
  { url, checksum }: ReleaseSource,
  { mirror, fetchPolicy }: Pick<SourceEnvironment, "mirror" | "fetchPolicy">,
): Promise<string> {
  if (checksum === undefined) {
    throw new InputError(`Cannot verify "${url}": the lock has no hash for it, and its project publishes none`, {
      hint: "Fetch the file yourself, check it, and add its SHA-256 to sources.lock",
    });
  }
  let text = "";
  const request = { url: mirroredUrl(checksumUrl(url, checksum), mirror), offset: 0, validator: undefined };
  await withSource(
    ctx,
    { ...request, limitBytes: CHECKSUM_LIMIT_BYTES, idleMs: fetchPolicy.idleMs },
    async (source) => {
      text = (await collect(source.content, CHECKSUM_LIMIT_BYTES)).toString();
    },
  );
  return parsePublishedChecksum(text, basename(new URL(url).pathname));
}

async function findFiles(
  { program, members }: ReleaseSource,
  { cache }: SourceEnvironment,
  sha256: string,
): Promise<PayloadFiles | undefined> {
  if (program === undefined) return cache.findRecord(keyOf("members", sha256, members));
  const file = await cache.find(sha256, true);
  return file && new Map([[program, file]]);
}

async function makeFiles(ctx: Context, source: ReleaseSource, environment: SourceEnvironment): Promise<PayloadFiles> {
  const { url, program, members } = source;
  const { cache, lock, mirror, fetchPolicy: policy } = environment;
  const locked = lock.releases[url];
  const sha256 = locked ?? (await publishedChecksum(ctx, source, environment));
  if (locked === undefined) ctx.progress.note("by its published hash, not locked");
  const found = await findFiles(source, environment, sha256);
  if (found) return found;
  const destination = await cache.partial(sha256);
  const request = { url: mirroredUrl(url, mirror), sha256, limitBytes: LIMIT_BYTES };
  await fetchFile(ctx, request, { destination, policy });
  if (program !== undefined) return new Map([[program, await cache.adopt(ctx, destination, true)]]);
  const files = await unpackMembers(ctx, { archive: destination, members: members ?? {}, url }, environment);
  await cache.putRecord(keyOf("members", sha256, members), files);
  await rm(destination, { force: true });
  return files;
}

interface MembersRequest {
  readonly archive: string;
  /** Member by path in the payload. */
  readonly members: Readonly<Record<string, string>>;
  readonly url: string;
}

async function unpackMembers(
  ctx: Context,
  { archive, members, url }: MembersRequest,
  { cache }: SourceEnvironment,
): Promise<PayloadFiles> {
  const files = new Map<string, CachedFile>();
  const wanted = new Map(Object.entries(members).map(([path, member]) => [member, path]));
  const stream = createReadStream(archive, { signal: ctx.signal });
  for await (const { entry, content } of readTar(decompressDetected(stream))) {
    const path = entry.type === "file" ? wanted.get(entry.path) : undefined;
    if (path === undefined) continue;
    const temporary = await cache.temporary();
    await writing(dirname(temporary), () => writeFile(temporary, content));
    files.set(path, await cache.adopt(ctx, temporary, (entry.mode & 0o111) !== 0));
  }
  const missing = [...wanted].find(([, path]) => !files.has(path));
  if (missing) throw new InputError(`Cannot use "${url}": it has no member "${missing[0]}"`);
  return files;
}
