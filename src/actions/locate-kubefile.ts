import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";

import { InputError, messageOf, systemCode } from "../base/error.ts";

/** A Kubefile's text, and where it was found. */
export interface KubefileSource {
  /** As the user would call it, for messages. */
  readonly name: string;
  readonly text: string;
  /** Absent for standard input. */
  readonly path: string | undefined;
}

/** Looked for in the context when no file is named; the first that is there counts. */
const DEFAULT_NAMES = ["Sealfile", "Kubefile", "Dockerfile", "Containerfile"];

/**
 * Reads the Kubefile: `file` from the working directory or the context, else the first of the usual names.
 * @throws {InputError} saying where it was looked for.
 */
export async function locateKubefile(
  contextDirectory: string,
  { file, workingDirectory }: { file: string | undefined; workingDirectory: string },
): Promise<KubefileSource> {
  const candidates =
    file === undefined
      ? DEFAULT_NAMES.map((name) => ({ name, path: join(contextDirectory, name) }))
      : [resolve(workingDirectory, file), join(contextDirectory, file)].map((path) => ({ name: file, path }));
  for (const { name, path } of candidates) {
    const text = await readIfFile(path);
    if (text !== undefined) return { name, text, path };
  }
  const searched = [...new Set(candidates.map(({ path }) => path))].join(", ");
  throw new InputError(`Cannot find a Kubefile: there is none of ${searched}`, {
    hint: "Name the file with --file, and the folder with the files to copy as argument",
  });
}

async function readIfFile(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isFile()) return undefined;
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
    throw new InputError(`Cannot read "${path}": ${messageOf(error)}`, { cause: error });
  }
}
