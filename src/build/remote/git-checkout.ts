import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { runTask, type Context } from "../../base/context.ts";
import { systemCode } from "../../base/error.ts";
import { withFileLock } from "../../base/file-lock.ts";
import { RemoteSourceError, requireLocal } from "./remote-error.ts";
import { isCommit, withoutCredentials, type GitReference } from "./remote-reference.ts";
import { runGit } from "./run-git.ts";

export interface Checkout {
  /** Of the whole repository; it is shared and must not be changed. */
  readonly directory: string;
  readonly commit: string;
}

export interface CheckoutOptions {
  /** The cache. */
  readonly root: string;
  readonly isOffline: boolean;
}

/**
 * The files of one commit, from the cache when it has them: then nobody is asked, if the reference is the commit itself.
 * @throws {RemoteSourceError}
 */
export async function checkOut(
  ctx: Context,
  reference: GitReference,
  { root, isOffline }: CheckoutOptions,
): Promise<Checkout> {
  const commit = await resolveCommit(ctx, reference, isOffline);
  if (reference.commit !== undefined && reference.commit !== commit) {
    throw new RemoteSourceError(
      `Cannot use "${withoutCredentials(reference.url)}": expected commit ${reference.commit}, found ${commit}`,
      { hint: "Find out who moved the branch or tag before the checksum is changed" },
    );
  }
  const name = reference.keepsGitFolder ? `${commit}.git` : commit;
  const directory = join(root, name);
  if (await exists(directory)) return { directory, commit };
  if (isOffline) requireLocal(reference.url);
  await mkdir(root, { recursive: true });
  await withFileLock(ctx, join(root, "locks", name), async () => {
    if (await exists(directory)) return;
    const title = `fetch ${withoutCredentials(reference.url)} at ${commit.slice(0, 12)}`;
    await runTask(ctx, title, (inner) => makeCheckout(inner, { reference, commit, root, directory }));
  });
  return { directory, commit };
}

async function resolveCommit(ctx: Context, { url, ref = "HEAD" }: GitReference, isOffline: boolean): Promise<string> {
  if (isCommit(ref)) return ref;
  if (isOffline) requireLocal(url);
  const output = await runGit(ctx, { url, arguments: ["ls-remote", "origin", ref, `${ref}^{}`] });
  const found = new Map(output.split("\n").map((line) => splitLine(line)));
  const names = [`refs/heads/${ref}`, `refs/tags/${ref}^{}`, `refs/tags/${ref}`, `${ref}^{}`, ref];
  const commit = names.map((name) => found.get(name)).find((hash) => hash !== undefined);
  if (commit !== undefined) return commit;
  throw new RemoteSourceError(`Cannot get "${withoutCredentials(url)}": it has no branch or tag "${ref}"`, {
    hint: "Name a branch, a tag or a whole commit",
  });
}

/** `HASH<tab>NAME` */
function splitLine(line: string): [string, string] {
  const [hash = "", name = ""] = line.split("\t");
  return [name, hash];
}

interface CheckoutRequest {
  readonly reference: GitReference;
  readonly commit: string;
  readonly root: string;
  readonly directory: string;
}

async function makeCheckout(ctx: Context, { reference, commit, root, directory }: CheckoutRequest): Promise<void> {
  const { url, keepsGitFolder } = reference;
  const temporary = join(root, `.${randomBytes(8).toString("hex")}`);
  const git = (...given: readonly string[]) =>
    runGit(ctx, {
      url,
      arguments: ["-C", temporary, `--git-dir=${temporary}/.git`, `--work-tree=${temporary}`, ...given],
    });
  try {
    await mkdir(temporary);
    await git("init", "--quiet", "--template=");
    await fetchCommit(git, reference, commit);
    await git("checkout", "--quiet", "--detach", commit);
    await git("submodule", "--quiet", "update", "--init", "--recursive", "--depth", "1");
    if (keepsGitFolder) await makeReproducible(git, temporary);
    else await removeGitFolders(temporary);
    await rename(temporary, directory);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

type Git = (...given: readonly string[]) => Promise<string>;

/** Not every server gives a commit that is not the tip of something. */
async function fetchCommit(git: Git, { ref }: GitReference, commit: string): Promise<void> {
  const wanted = ref === undefined || isCommit(ref) ? commit : ref;
  try {
    await git("fetch", "--quiet", "--depth", "1", "--no-tags", "origin", wanted);
    if ((await git("rev-parse", "FETCH_HEAD^{commit}")).trim() === commit) return;
  } catch (error) {
    if (!(error instanceof RemoteSourceError) || wanted !== commit) throw error;
  }
  await git("fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*");
}

/** The index keeps the times of the files, and FETCH_HEAD where they come from. */
async function makeReproducible(git: Git, directory: string): Promise<void> {
  await git("read-tree", "HEAD");
  await rm(join(directory, ".git/FETCH_HEAD"), { force: true });
}

async function removeGitFolders(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found = entries.filter(({ name, parentPath }) => name === ".git" && !parentPath.includes("/.git/"));
  for (const { parentPath, name } of found) await rm(join(parentPath, name), { recursive: true, force: true });
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}
