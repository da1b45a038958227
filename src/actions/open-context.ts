import { createWriteStream } from "node:fs";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";

import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { InputError, systemCode } from "../base/error.ts";
import { openLocalTree } from "../build/context/local-tree.ts";
import { resolvePath } from "../build/context/resolve-path.ts";
import { unpackContext, type ArchiveFile } from "../build/context/unpack-context.ts";
import { parseRemote, withoutCredentials, type GitReference } from "../build/remote/remote-reference.ts";
import type { RemoteSources } from "../build/remote/remote-sources.ts";
import type { KubefileSource } from "./locate-kubefile.ts";

/** What contexts are fetched with and unpacked to. */
export interface ContextSurroundings {
  readonly workingDirectory: string;
  readonly remote: RemoteSources;
  /** What `-` stands for. */
  readonly stdin: () => Bytes;
  /** An empty folder that goes when the build has ended. */
  readonly temporaryFolder: () => Promise<string>;
}

/** A build context as a folder. */
export interface OpenContext {
  readonly directory: string;
  /** The context was nothing but a Kubefile; the folder is empty. */
  readonly kubefile: KubefileSource | undefined;
}

const KUBEFILE_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Makes a folder of what a build context may be: a folder, a tar file, a git repository, the URL of a tar file or of a
 * Kubefile, or `-` for a tar file or a Kubefile on standard input. @throws {InputError} {RemoteSourceError}
 */
export async function openContext(
  ctx: Context,
  context: string,
  surroundings: ContextSurroundings,
): Promise<OpenContext> {
  if (context === "-") return openFile(ctx, await receive(surroundings), { name: "standard input", surroundings });
  const reference = parseReference(context);
  if (reference?.kind === "git") return openRepository(ctx, reference, surroundings.remote);
  const name = withoutCredentials(context);
  if (reference) {
    const fetched = await surroundings.remote.file(ctx, { url: reference.url, sha256: undefined });
    return openFile(ctx, fetched, { name, surroundings });
  }
  const path = resolve(surroundings.workingDirectory, context);
  const sizeBytes = await sizeOfFile(path);
  if (sizeBytes === undefined) return { directory: path, kubefile: undefined };
  const opened = await openFile(ctx, { path, sizeBytes }, { name: context, surroundings });
  if (!opened.kubefile) return opened;
  throw new InputError(`Cannot use "${context}" as build context: it is neither a folder nor a tar archive`, {
    hint: "Give the folder, and the Kubefile with --file",
  });
}

function parseReference(context: string): ReturnType<typeof parseRemote> {
  try {
    return parseRemote(context);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`Cannot use "${withoutCredentials(context)}" as build context: ${reason}`, { cause: error });
  }
}

async function openRepository(ctx: Context, reference: GitReference, remote: RemoteSources): Promise<OpenContext> {
  const { directory } = await remote.repository(ctx, reference);
  const { path, entry } = resolvePath(openLocalTree(directory), reference.subfolder);
  if (entry?.type === "directory") return { directory: join(directory, path), kubefile: undefined };
  throw new InputError(
    `Cannot use "${withoutCredentials(reference.url)}" as build context: it has no folder "${reference.subfolder}"`,
  );
}

interface NamedFile {
  readonly name: string;
  readonly surroundings: ContextSurroundings;
}

async function openFile(ctx: Context, file: ArchiveFile, { name, surroundings }: NamedFile): Promise<OpenContext> {
  const folder = await surroundings.temporaryFolder();
  const directory = join(folder, "context");
  const temporaryFile = (): string => join(folder, "unpacked");
  if (await unpackContext(ctx, file, { directory, temporaryFile })) return { directory, kubefile: undefined };
  if (file.sizeBytes > KUBEFILE_LIMIT_BYTES) {
    throw new InputError(`Cannot use ${name} as build context: it is not a tar archive, and too large for a Kubefile`);
  }
  await mkdir(directory);
  return { directory, kubefile: { name, text: await readFile(file.path, "utf8"), path: undefined } };
}

async function receive({ stdin, temporaryFolder }: ContextSurroundings): Promise<ArchiveFile> {
  const path = join(await temporaryFolder(), "stdin");
  await pipeline(stdin(), createWriteStream(path, { mode: 0o600 }));
  return { path, sizeBytes: (await stat(path)).size };
}

/** Undefined for a folder, or for what is not there: that is said when the folder is read. */
async function sizeOfFile(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
