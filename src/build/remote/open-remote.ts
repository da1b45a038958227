import type { Context } from "../../base/context.ts";
import type { FileTree } from "../context/file-tree.ts";
import type { FoundSource } from "../context/find-sources.ts";
import { openLocalTree } from "../context/local-tree.ts";
import { MemoryTree } from "../context/memory-tree.ts";
import { resolvePath } from "../context/resolve-path.ts";
import type { CopyFlags } from "../copy-flags.ts";
import { atPlace, problemAt, type Place } from "../place.ts";
import { RemoteSourceError } from "./remote-error.ts";
import { withoutCredentials, type GitReference, type RemoteReference } from "./remote-reference.ts";
import type { RemoteSources } from "./remote-sources.ts";

export interface RemoteRequest {
  readonly reference: RemoteReference;
  readonly flags: CopyFlags;
  /** Of the word that names it. */
  readonly place: Place;
}

/** A file or folder of another host, on this machine. */
export interface OpenRemote {
  readonly tree: FileTree;
  readonly source: FoundSource;
}

/** Fetches what ADD names by a URL. @throws {KubefileError} saying where it stands */
export async function openRemote(
  ctx: Context,
  request: RemoteRequest,
  remote: RemoteSources | undefined,
): Promise<OpenRemote> {
  const { reference, place } = request;
  if (!remote) throw problemAt(place, { code: "REMOTE_SOURCE", message: "This build has no network to fetch from" });
  try {
    return reference.kind === "git"
      ? await openRepository(ctx, { ...request, reference }, remote)
      : await openFile(ctx, { ...request, reference }, remote);
  } catch (error) {
    if (!(error instanceof RemoteSourceError)) throw error;
    throw problemAt(place, { code: "REMOTE_SOURCE", message: error.message, hint: error.hint });
  }
}

/** A file of the web is root's and nobody else may read it, as with every builder. */
async function openFile(
  ctx: Context,
  { reference, flags: { checksum }, place }: RemoteRequest & { reference: { url: string; name: string } },
  remote: RemoteSources,
): Promise<OpenRemote> {
  if (reference.name === "") {
    throw problemAt(place, {
      code: "INVALID_ARGUMENT",
      message: `The URL "${withoutCredentials(reference.url)}" names no file`,
      hint: "End it with the name that the file is to have",
    });
  }
  if (checksum?.value.kind === "commit") throw wrongChecksum(checksum.place, "of a file: sha256:<64 hex digits>");
  const { path, sha256, sizeBytes } = await remote.file(ctx, { url: reference.url, sha256: checksum?.value.hex });
  const content = { path, offset: 0, length: sizeBytes, sha256 };
  const entry = { type: "file", mode: 0o600, uid: 0, gid: 0, mtime: 0, size: sizeBytes, content } as const;
  const tree = new MemoryTree();
  tree.put(reference.name, entry);
  return { tree, source: { name: reference.name, named: reference.name, path: reference.name, entry } };
}

async function openRepository(
  ctx: Context,
  { reference, flags: { checksum, keepsGitFolder }, place }: RemoteRequest & { reference: GitReference },
  remote: RemoteSources,
): Promise<OpenRemote> {
  if (checksum?.value.kind === "sha256") throw wrongChecksum(checksum.place, "of a repository: its commit");
  const wanted = {
    ...reference,
    commit: checksum?.value.hex ?? reference.commit,
    keepsGitFolder: keepsGitFolder || reference.keepsGitFolder,
  };
  const { directory } = await remote.repository(ctx, wanted);
  const tree = openLocalTree(directory);
  const { path, entry } = atPlace(place, () => resolvePath(tree, reference.subfolder));
  if (entry) return { tree, source: { name: path, named: path, path, entry } };
  throw problemAt(place, {
    code: "SOURCE_NOT_FOUND",
    message: `"${withoutCredentials(reference.url)}" has no folder "${reference.subfolder}"`,
  });
}

function wrongChecksum(place: Place, wanted: string) {
  return problemAt(place, { code: "INVALID_FLAG", message: `--checksum must be that ${wanted}` });
}
