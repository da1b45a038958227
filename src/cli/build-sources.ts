import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { fetchKubefile, joinKubefiles, locateKubefile, type KubefileSource } from "../actions/locate-kubefile.ts";
import { openContext, type ContextSurroundings, type OpenContext } from "../actions/open-context.ts";
import { collect } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { messageOf, UsageError } from "../base/error.ts";
import { isRemote } from "../build/remote/remote-reference.ts";
import { RemoteSources } from "../build/remote/remote-sources.ts";
import type { Environment } from "./environment.ts";
import { parseNameValues } from "./name-value.ts";

/** What a build is made of, as the command line names it. */
export interface NamedSources {
  readonly context: string;
  /** `--file` */
  readonly files: readonly string[];
  /** `--build-context` */
  readonly contexts: readonly string[];
  /** Whether nobody but this machine may be asked. */
  readonly isOffline: boolean;
}

export interface OpenSources {
  readonly kubefile: KubefileSource;
  readonly contextDirectory: string;
  readonly buildContexts: Readonly<Record<string, string>>;
  /** Names that stand for images. */
  readonly imageContexts: Readonly<Record<string, string>>;
  readonly remote: RemoteSources;
}

const KUBEFILE_LIMIT_BYTES = 16 * 1024 * 1024;
const IMAGE_PREFIX = "docker-image://";
const LAYOUT_PREFIX = "oci-layout://";

/** Fetches and unpacks what a build needs that is no folder yet. @throws {UsageError} for what contradicts itself */
export async function openSources(
  ctx: Context,
  { context, files, contexts, isOffline }: NamedSources,
  environment: Environment,
): Promise<OpenSources> {
  if ([context, ...files].filter((text) => text === "-").length > 1) {
    throw new UsageError("Cannot read both the context and the Kubefile from standard input");
  }
  const surroundings = surroundingsOf(environment, isOffline);
  const named = Object.entries(parseNameValues("build-context", contexts));
  const imageContexts: Record<string, string> = {};
  const buildContexts: Record<string, string> = {};
  for (const [name, place] of named) {
    const image = findImageName(place, surroundings);
    if (image !== undefined) imageContexts[name] = image;
    else buildContexts[name] = (await openNamed(ctx, place, surroundings)).directory;
  }
  const opened = await openContext(ctx, context, surroundings);
  return {
    kubefile: await readKubefiles(ctx, { opened, files, surroundings }),
    contextDirectory: opened.directory,
    buildContexts,
    imageContexts,
    remote: surroundings.remote,
  };
}

/** The image that a place stands for, as FROM would name it; undefined for a place with files. */
function findImageName(place: string, { workingDirectory }: ContextSurroundings): string | undefined {
  if (place.startsWith(IMAGE_PREFIX)) return place.slice(IMAGE_PREFIX.length);
  if (!place.startsWith(LAYOUT_PREFIX)) return undefined;
  const [, path = "", name = ""] = /^([^:@]*)[:@]?(.*)$/s.exec(place.slice(LAYOUT_PREFIX.length)) ?? [];
  return `oci:${resolve(workingDirectory, path)}${name === "" ? "" : `:${name}`}`;
}

/** `NAME=VALUE` lines of `--build-arg-file`; the last of a name wins. @throws {UsageError} with file and line */
export async function readArgumentFiles(
  files: readonly string[],
  { settings }: Environment,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const file of files) {
    const text = await readArgumentFile(resolve(settings.workingDirectory, file), file);
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      if (line.trim() === "" || line.startsWith("#")) continue;
      const equals = line.indexOf("=");
      if (equals <= 0) throw new UsageError(`${file}:${index + 1}: expected NAME=VALUE, found "${line}"`);
      values[line.slice(0, equals).trim()] = line.slice(equals + 1);
    }
  }
  return values;
}

async function readArgumentFile(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`Cannot read --build-arg-file "${name}": ${messageOf(error)}`, { cause: error });
  }
}

function surroundingsOf({ settings, stdin, closeAtEnd }: Environment, isOffline: boolean): ContextSurroundings {
  return {
    workingDirectory: settings.workingDirectory,
    remote: new RemoteSources(settings.cacheRoot, { isOffline }),
    stdin,
    async temporaryFolder() {
      const folder = await mkdtemp(join(tmpdir(), "sealos-context-"));
      closeAtEnd({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
      return folder;
    },
  };
}

async function openNamed(ctx: Context, place: string, surroundings: ContextSurroundings): Promise<OpenContext> {
  if (place === "-" || /^(?!https?:|ssh:|git:)[a-z][a-z+-]*:\/\//.test(place)) {
    throw new UsageError(`Cannot use "${place}" as --build-context: it is no kind of context that is known`, {
      hint: "Give a folder, a tar file, a git repository, a URL or docker-image://NAME",
    });
  }
  const opened = await openContext(ctx, place, surroundings);
  if (!opened.kubefile) return opened;
  throw new UsageError(`Cannot use "${place}" as --build-context: it is not a tar archive`);
}

interface KubefileRequest {
  readonly opened: OpenContext;
  readonly files: readonly string[];
  readonly surroundings: ContextSurroundings;
}

async function readKubefiles(ctx: Context, request: KubefileRequest): Promise<KubefileSource> {
  const { opened, files } = request;
  const [first, ...more] = files;
  if (opened.kubefile && first === undefined) return opened.kubefile;
  const sources: [KubefileSource, ...KubefileSource[]] = [await readKubefile(ctx, first, request)];
  for (const file of more) sources.push(await readKubefile(ctx, file, request));
  return joinKubefiles(sources);
}

async function readKubefile(
  ctx: Context,
  file: string | undefined,
  { opened, surroundings: { remote, stdin, workingDirectory } }: KubefileRequest,
): Promise<KubefileSource> {
  if (file === "-") {
    const content = await collect(stdin(), KUBEFILE_LIMIT_BYTES);
    return { name: "standard input", text: content.toString("utf8"), path: undefined };
  }
  if (file !== undefined && isRemote(file)) return fetchKubefile(ctx, file, remote);
  return locateKubefile(opened.directory, { file, workingDirectory });
}
