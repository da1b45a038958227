import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { systemCode } from "../../base/error.ts";
import type { FileTree } from "./file-tree.ts";
import { parseIgnoreRules } from "./ignore-rules.ts";
import { withoutIgnored } from "./ignored-tree.ts";
import { openLocalTree } from "./local-tree.ts";
import { overlayTree } from "./overlay-tree.ts";

export interface ContextOptions {
  /** `--ignorefile`; must exist. */
  readonly ignoreFile?: string | undefined;
  /** Where the Kubefile is: `Kubefile.containerignore` or `Kubefile.dockerignore` beside it come first. */
  readonly kubefile?: string | undefined;
  /** Laid over the folder, whatever is ignored there: nothing is written into the user's folder. */
  readonly overlay?: FileTree | undefined;
}

/** The build context: a folder without what its ignore file excludes. @throws {InputError} */
export function openBuildContext(directory: string, { ignoreFile, kubefile, overlay }: ContextOptions = {}): FileTree {
  const folder = openLocalTree(directory);
  const found = ignoreFile === undefined ? findIgnoreFile(directory, kubefile) : readIgnoreFile(ignoreFile);
  const visible = found ? withoutIgnored(folder, { rules: parseIgnoreRules(found.text), name: found.name }) : folder;
  return overlay ? overlayTree(visible, overlay) : visible;
}

interface IgnoreFile {
  readonly name: string;
  readonly text: string;
}

function findIgnoreFile(directory: string, kubefile: string | undefined): IgnoreFile | undefined {
  const beside = kubefile === undefined ? [] : [`${kubefile}.containerignore`, `${kubefile}.dockerignore`];
  const candidates = [...beside, join(directory, ".containerignore"), join(directory, ".dockerignore")];
  for (const path of candidates) {
    try {
      return readIgnoreFile(path);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    }
  }
  return undefined;
}

function readIgnoreFile(path: string): IgnoreFile {
  return { name: basename(path), text: readFileSync(path, "utf8") };
}
