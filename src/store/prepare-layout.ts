import { access, constants, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { writeFileAtomic } from "../base/atomic-file.ts";
import { InputError, messageOf, systemCode } from "../base/error.ts";
import { EMPTY_INDEX, INDEX_FILE, LAYOUT_CONTENT, LAYOUT_FILE, renderIndexFile } from "./layout.ts";
import { namesIn, removeStale, TEMPORARY_FOLDER } from "./leases.ts";
import { removePartials } from "./partial-blob.ts";

/** Nobody will go on with what has not come whole for a week. */
const PARTIAL_AGE_MS = 7 * 24 * 3_600_000;

/** Makes the folder an image layout, unless it is one, and removes what killed processes left. @throws {InputError} */
export async function prepareLayout(root: string): Promise<void> {
  await makeWritable(root);
  await removeStale(root);
  await removePartials(root, PARTIAL_AGE_MS);
  const version = await findVersion(root);
  if (version === "1.0.0") return;
  if (version !== undefined) throw refused(root, `its image layout has version "${version}", wanted 1.0.0`);
  const foreign = (await namesIn(root)).filter((name) => !OWN_NAMES.test(name));
  if (foreign.length > 0) throw refused(root, `it holds other files, for instance "${foreign[0]}"`);
  await mkdir(join(root, "blobs/sha256"), { recursive: true });
  if (!(await namesIn(root)).includes(INDEX_FILE)) {
    await writeFileAtomic(join(root, INDEX_FILE), renderIndexFile(EMPTY_INDEX));
  }
  await writeFileAtomic(join(root, LAYOUT_FILE), LAYOUT_CONTENT);
}

async function makeWritable(root: string): Promise<void> {
  const folder = join(root, TEMPORARY_FOLDER);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    if (!["EACCES", "EPERM", "EROFS", "ENOTDIR"].includes(systemCode(error) ?? "")) throw error;
    throw new InputError(`Cannot use "${root}" as image store: ${messageOf(error)}`, {
      hint: "Choose a folder that you may write to, or run as the user whose store it is",
      cause: error,
    });
  }
}

/** What another process may have made here in the same moment. */
const OWN_NAMES = /^(blobs|tmp|leases|cache|lock.*|index\.json|\.(index\.json|oci-layout)\..*\.tmp)$/;

/** @returns undefined when there is no layout. */
async function findVersion(root: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(join(root, LAYOUT_FILE), "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
  return /"imageLayoutVersion"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? "unknown";
}

function refused(root: string, reason: string): InputError {
  return new InputError(`Cannot use "${root}" as image store: ${reason}`, {
    hint: "Choose an empty folder or one that is an image store already",
  });
}
