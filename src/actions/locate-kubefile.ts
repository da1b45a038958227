import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";

import type { Context } from "../base/context.ts";
import { InputError, messageOf, systemCode } from "../base/error.ts";
import { parseRemote, withoutCredentials } from "../build/remote/remote-reference.ts";
import type { RemoteSources } from "../build/remote/remote-sources.ts";
import type { SourceFile } from "../kubefile/source.ts";

/** A Kubefile's text, and where it was found. */
export interface KubefileSource {
  /** As the user would call it, for messages. */
  readonly name: string;
  readonly text: string;
  /** Absent for standard input. */
  readonly path: string | undefined;
  /** When the text is that of several files. */
  readonly files?: readonly SourceFile[];
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
  if (file?.endsWith(".in")) throw preprocessed(file);
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

/** Fetches a Kubefile. @throws {RemoteSourceError} */
export async function fetchKubefile(ctx: Context, url: string, remote: RemoteSources): Promise<KubefileSource> {
  const name = withoutCredentials(url);
  if (parseRemote(url)?.kind !== "file") {
    throw new InputError(`Cannot read "${name}": a Kubefile has the URL of a file`, {
      hint: "Give the repository as context, and the file's path in it with --file",
    });
  }
  const { path } = await remote.file(ctx, { url, sha256: undefined });
  return { name, text: await readFile(path, "utf8"), path: undefined };
}

/** Several Kubefiles as one, in their order; what goes for the path of one, its ignore file, is that of the first. */
export function joinKubefiles(sources: readonly [KubefileSource, ...KubefileSource[]]): KubefileSource {
  const [first, ...more] = sources;
  if (more.length === 0) return first;
  let text = "";
  const files: SourceFile[] = [];
  for (const source of sources) {
    files.push({ name: source.name, start: text.length });
    text += source.text.endsWith("\n") ? source.text : `${source.text}\n`;
  }
  return { name: first.name, text, path: first.path, files };
}

function preprocessed(file: string): InputError {
  return new InputError(`Cannot build from "${file}": files for the C preprocessor are not supported`, {
    hint: "Run cpp before the build and give its result with --file",
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
