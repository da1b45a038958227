import { createHash, randomBytes } from "node:crypto";
import { readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { fileChunks } from "../../archive/file-chunks.ts";
import { OutputFile } from "../../archive/output-file.ts";
import { writeFileAtomic } from "../../base/atomic-file.ts";
import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { writing } from "../../base/disk-error.ts";
import { InputError } from "../../base/error.ts";
import { digestFromHash, isDigest, type Digest } from "../../oci/digest.ts";
import { IntegrityError } from "../../oci/errors.ts";
import { verified } from "../../oci/verify.ts";

const LIST_SUFFIX = ".parts";
const PART_NAME = /\.\d{3,}$/;
const FORMAT = "sealos-archive-parts-v1";

/** An archive in several files: `NAME.000`, `NAME.001` and so on, and this list as `NAME.parts`. */
export interface PartList {
  readonly format: typeof FORMAT;
  /** Of the archive. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly parts: readonly ArchivePart[];
}

interface ArchivePart {
  readonly name: string;
  readonly sizeBytes: number;
  readonly digest: Digest;
}

/** Writes an archive in parts; they have their names when all of them are complete, the list last. */
export async function writeParts(
  ctx: Context,
  content: Bytes,
  { path, partBytes }: { path: string; partBytes: number },
): Promise<PartList> {
  const writer = new PartWriter(path, partBytes);
  try {
    await writing(path, async () => {
      for await (const chunk of content) {
        ctx.signal.throwIfAborted();
        writer.write(chunk);
      }
    });
    const parts = writer.end();
    const before = await findList(path);
    for (const { name } of parts) await rename(writer.temporaryOf(name), join(dirname(path), name));
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    const list: PartList = { format: FORMAT, name: basename(path), sizeBytes, parts };
    await writeFileAtomic(`${path}${LIST_SUFFIX}`, `${JSON.stringify(list, undefined, 2)}\n`);
    for (const { name } of before?.parts.slice(parts.length) ?? [])
      await rm(join(dirname(path), name), { force: true });
    return list;
  } finally {
    await writer.discard();
  }
}

class PartWriter {
  readonly #path: string;
  readonly #partBytes: number;
  readonly #token = randomBytes(6).toString("hex");
  readonly #parts: ArchivePart[] = [];
  #open: { readonly file: OutputFile; readonly name: string; readonly hash: ReturnType<typeof createHash> } | undefined;

  constructor(path: string, partBytes: number) {
    this.#path = path;
    this.#partBytes = partBytes;
  }

  temporaryOf(name: string): string {
    return join(dirname(this.#path), `.${name}.${this.#token}.tmp`);
  }

  write(chunk: Uint8Array): void {
    for (let done = 0; done < chunk.byteLength;) {
      const { file, hash } = (this.#open ??= this.#next());
      const piece = chunk.subarray(done, done + this.#partBytes - file.size);
      file.write(piece);
      hash.update(piece);
      done += piece.byteLength;
      if (file.size === this.#partBytes) this.#finish();
    }
  }

  end(): readonly ArchivePart[] {
    this.#finish();
    return this.#parts;
  }

  /** Removes what did not get its name. */
  async discard(): Promise<void> {
    this.#finish();
    for (const { name } of this.#parts) await rm(this.temporaryOf(name), { force: true });
  }

  #next(): { file: OutputFile; name: string; hash: ReturnType<typeof createHash> } {
    const name = `${basename(this.#path)}.${String(this.#parts.length).padStart(3, "0")}`;
    return { name, file: new OutputFile(this.temporaryOf(name)), hash: createHash("sha256") };
  }

  #finish(): void {
    if (!this.#open) return;
    const { file, name, hash } = this.#open;
    file.close();
    this.#parts.push({ name, sizeBytes: file.size, digest: digestFromHash(hash) });
    this.#open = undefined;
  }
}

/**
 * The parts of an archive, when `path` is their list, one of them, or the name of the archive that they are.
 * @returns undefined when it is none of that. @throws {InputError} naming every part that is missing.
 */
export async function findParts(ctx: Context, path: string): Promise<{ name: string; content: Bytes } | undefined> {
  const archive = path.endsWith(LIST_SUFFIX) ? path.slice(0, -LIST_SUFFIX.length) : path.replace(PART_NAME, "");
  const isNamed = archive !== path || (await stat(path).catch(() => undefined)) === undefined;
  const list = isNamed ? await findList(archive) : undefined;
  if (!list) return undefined;
  const missing: string[] = [];
  for (const { name, sizeBytes } of list.parts) {
    const found = await stat(join(dirname(archive), name)).catch(() => undefined);
    if (!found) missing.push(`"${name}"`);
    else if (found.size !== sizeBytes) missing.push(`"${name}" (${found.size} of ${sizeBytes} bytes)`);
  }
  if (missing.length === 0) return { name: archive, content: joined(ctx, dirname(archive), list) };
  throw new InputError(
    `Cannot load "${archive}": ${missing.length} of ${list.parts.length} parts are missing: ${missing.join(", ")}`,
    {
      hint: "Copy the missing parts to the same folder again",
    },
  );
}

async function* joined(ctx: Context, folder: string, { parts }: PartList): Bytes {
  for (const { name, sizeBytes, digest } of parts) {
    const content = fileChunks(ctx, { path: join(folder, name), offset: 0, length: sizeBytes });
    try {
      yield* verified(content, { mediaType: "", digest, size: sizeBytes });
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      throw new IntegrityError(`Cannot load part "${join(folder, name)}": ${error.message}`, {
        hint: "Copy this part again",
        cause: error,
      });
    }
  }
}

/** @returns undefined when there is no list. @throws {InputError} when it cannot be used. */
async function findList(archive: string): Promise<PartList | undefined> {
  const path = `${archive}${LIST_SUFFIX}`;
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const document: unknown = JSON.parse(text);
    if (isPartList(document)) return document;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new InputError(`Cannot read "${path}": it is not a list of an archive's parts`, {
    hint: "Copy the list again, or remove it",
  });
}

function isPartList(value: unknown): value is PartList {
  if (typeof value !== "object" || value === null) return false;
  const { format, parts } = value as { [key: string]: unknown };
  return format === FORMAT && Array.isArray(parts) && parts.every(isPart);
}

/** A name that leads elsewhere is none of ours. */
function isPart(value: unknown): value is ArchivePart {
  if (typeof value !== "object" || value === null) return false;
  const { name, sizeBytes, digest } = value as { [key: string]: unknown };
  const isName = typeof name === "string" && PART_NAME.test(name) && basename(name) === name;
  return isName && Number.isSafeInteger(sizeBytes) && typeof digest === "string" && isDigest(digest);
}
