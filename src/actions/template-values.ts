import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import { collect, type Bytes } from "../base/bytes.ts";
import type { Context } from "../base/context.ts";
import { InputError, messageOf } from "../base/error.ts";
import { filesToSet, mergeValues } from "../templates/helm/merge-values.ts";
import type { GoMap } from "../templates/value/value.ts";

const LIMIT_BYTES = 16 * 1024 * 1024;
const DOWNLOAD_TIMEOUT_MS = 60_000;

/** The flags that set values. Names are URLs, `-` for standard input, or paths. */
export interface ValuesOptions {
  readonly files: readonly string[];
  readonly set: readonly string[];
  readonly setString?: readonly string[];
  readonly setJson?: readonly string[];
  readonly setLiteral?: readonly string[];
  readonly setFile?: readonly string[];
}

/** Where values come from besides the flags. */
export interface ValuesPlaces {
  /** What relative paths start from. */
  readonly workingDirectory: string;
  readonly stdin: () => Bytes;
}

/** Reads and merges values as Helm does. @throws {ChartError, InputError} naming the file or the assignment. */
export async function readTemplateValues(ctx: Context, options: ValuesOptions, places: ValuesPlaces): Promise<GoMap> {
  const { setString = [], setJson = [], setLiteral = [], setFile = [], set } = options;
  const files = await readAll(ctx, options.files, places);
  const texts = await readAll(ctx, filesToSet(setFile), places);
  return mergeValues({
    files,
    set,
    setString,
    setJson,
    setLiteral,
    setFile,
    filesToSet: new Map(texts.map(({ name, data }) => [name, data])),
  });
}

async function readAll(
  ctx: Context,
  names: readonly string[],
  places: ValuesPlaces,
): Promise<readonly { readonly name: string; readonly data: Uint8Array }[]> {
  const files = [];
  for (const name of names) files.push({ name, data: await readOne(ctx, name, places) });
  return files;
}

async function readOne(ctx: Context, name: string, { workingDirectory, stdin }: ValuesPlaces): Promise<Uint8Array> {
  try {
    if (name === "-") return await collect(stdin(), LIMIT_BYTES);
    if (/^https?:\/\//.test(name)) return await download(ctx, name);
    return await readFile(resolve(workingDirectory, name), { signal: ctx.signal });
  } catch (error) {
    ctx.signal.throwIfAborted();
    throw new InputError(`Cannot read values from "${name}": ${reasonOf(error)}`, { cause: error });
  }
}

async function download(ctx: Context, url: string): Promise<Uint8Array> {
  const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]);
  const response = await fetch(url, { signal });
  if (response.ok && response.body) return collect(response.body, LIMIT_BYTES);
  await response.body?.cancel();
  throw new InputError(`the server answers ${response.status}`);
}

/** `fetch` says what went wrong in the cause of its error. */
function reasonOf(error: unknown): string {
  return error instanceof TypeError && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}
