import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { arch } from "node:os";
import { join } from "node:path";

import { runTask, type Context } from "../../src/base/context.ts";
import { withFileLock } from "../../src/base/file-lock.ts";
import type { LabFolders } from "./folders.ts";
import { SUDO_USER } from "./names.ts";
import { readPackageSource, readSuite } from "./packages.ts";
import { WITH_PRIVATE_MOUNTS } from "./private-mounts.ts";
import { readRecords } from "./record.ts";
import { runHere } from "./this-machine.ts";

export const RECIPE = join(import.meta.dirname, "recipe");

/** A tree of another recipe that nobody has asked for in this time is removed. */
const LONGEST_DISUSE_MS = 24 * 60 * 60 * 1000;

/** The tree that every host's disk starts from, made by debootstrap where the cache has none of this recipe. */
export async function ensureBaseTree(ctx: Context, { cache, records }: LabFolders): Promise<string> {
  const tree = join(cache, `base-${await recipeKey()}`);
  await withFileLock(ctx, join(cache, "lock"), async () => {
    if (!existsSync(tree)) {
      await removeUnused(ctx, cache, records);
      await runTask(ctx, "Make the hosts' base tree", async (inner) => await makeBaseTree(inner, tree));
    }
    await writeFile(`${tree}.used`, "");
  });
  return tree;
}

async function makeBaseTree(ctx: Context, tree: string): Promise<void> {
  const source = await readPackageSource(ctx);
  const temporary = `${tree}.${randomBytes(4).toString("hex")}.tmp`;
  const packages = (await readFile(join(RECIPE, "packages.txt"), "utf8")).trim().split("\n");
  const env = source.proxy === undefined ? {} : { http_proxy: source.proxy };
  try {
    await runHere(
      ctx,
      [
        ...WITH_PRIVATE_MOUNTS,
        "debootstrap",
        "--variant=minbase",
        `--components=${source.components.join(",")}`,
        `--include=${packages.join(",")}`,
        source.suite,
        temporary,
        source.uri,
      ],
      { env },
    );
    await runHere(ctx, [...WITH_PRIVATE_MOUNTS, "sh", join(RECIPE, "finish-base.sh"), temporary, RECIPE, SUDO_USER]);
    await rename(temporary, tree);
  } catch (error) {
    await removeTree({ ...ctx, signal: new AbortController().signal }, temporary);
    throw error;
  }
}

/** Removes a folder with everything in it, but nothing that is mounted there. */
export async function removeTree(ctx: Context, folder: string): Promise<void> {
  await runHere(ctx, ["rm", "-rf", "--one-file-system", folder]);
}

/** Trees of other recipes, and what a killed debootstrap left. */
async function removeUnused(ctx: Context, cache: string, records: string): Promise<void> {
  const inUse = (await readRecords(records)).map(({ baseTree }) => baseTree);
  const names = (await readdir(cache)).filter((name) => /^base-\w+(\.\w+\.tmp)?$/.test(name));
  for (const tree of names.map((name) => join(cache, name))) {
    if (inUse.includes(tree) || (await disuseMs(tree)) < LONGEST_DISUSE_MS) continue;
    await removeTree(ctx, tree);
    await rm(`${tree}.used`, { force: true });
  }
}

async function disuseMs(tree: string): Promise<number> {
  const used = await stat(`${tree}.used`).catch(() => undefined);
  return used ? Date.now() - used.mtimeMs : Infinity;
}

/** Changes with everything that the tree is made of. */
async function recipeKey(): Promise<string> {
  const hash = createHash("sha256").update(`${await readSuite()} ${arch()}\n`);
  for (const name of ["packages.txt", "finish-base.sh", "lab-cgroups.service", "lab-network.service", "sshd.conf"]) {
    hash.update(await readFile(join(RECIPE, name)));
  }
  return hash.digest("hex").slice(0, 12);
}
