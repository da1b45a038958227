import { rm } from "node:fs/promises";
import { join } from "node:path";

import { collect, type Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { InputError, NotFoundError } from "../../base/error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { digestOf, algorithmOf, isDigest, type Digest } from "../../oci/digest.ts";
import { IntegrityError } from "../../oci/errors.ts";
import { MANIFEST_LIMIT_BYTES, parseManifest } from "../../oci/manifest.ts";
import { isDocumentType } from "../../oci/media-type.ts";
import { isRepository, isTag } from "../../oci/reference.ts";
import { verified } from "../../oci/verify.ts";
import { BlobFiles } from "./blob-files.ts";
import {
  layerLinkPath,
  REPOSITORIES_PATH,
  revisionLinkPath,
  revisionsPath,
  tagHistoryLinkPath,
  tagLinkPath,
  tagsPath,
} from "./layout.ts";
import { listNames, readLink, readWantedLink, removeLink, writeLink } from "./links.ts";
import type { ByteRange, RegistryStorage, RepositoryStorage, StoredBlob, StoredDocument } from "./storage.ts";
import { UploadHashes } from "./upload-hashes.ts";
import { Uploads, type UploadParts } from "./uploads.ts";

/** A registry's content on disk, in the layout of the distribution registry; both can serve the same folder. */
export class RegistryFolder implements RegistryStorage {
  readonly root: string;
  readonly #blobs: BlobFiles;
  readonly #uploads: UploadParts;

  /** @param root for instance `registry/` of a cluster image; made when something is pushed. */
  constructor(root: string) {
    this.root = root;
    this.#blobs = new BlobFiles(root);
    this.#uploads = { blobs: this.#blobs, states: new Map(), hashes: new UploadHashes() };
  }

  /** @throws {InputError} when the name is not that of a repository. */
  repository(name: string): RepositoryFolder {
    if (!isRepository(name)) throw new InputError(`Cannot open repository "${name}": the name is malformed`);
    return new RepositoryFolder(this.root, name, this.#uploads);
  }

  /** Names of the repositories that have manifests, sorted. */
  async listRepositories(ctx: Context): Promise<readonly string[]> {
    return this.#list(ctx, (folder) => folder === "_manifests");
  }

  /** Like {@link listRepositories}, with those that have blobs or uploads only. */
  async listAllRepositories(ctx: Context): Promise<readonly string[]> {
    return this.#list(ctx, (folder) => folder.startsWith("_"));
  }

  async #list(ctx: Context, isMark: (folder: string) => boolean, parts: readonly string[] = []): Promise<string[]> {
    ctx.signal.throwIfAborted();
    const names = await listNames(this.root, [REPOSITORIES_PATH, ...parts].join("/"));
    const found = names.some(isMark) ? [parts.join("/")] : [];
    for (const name of names.filter((name) => !name.startsWith("_"))) {
      found.push(...(await this.#list(ctx, isMark, [...parts, name])));
    }
    return found.sort();
  }
}

/** One repository of a {@link RegistryFolder}. */
export class RepositoryFolder implements RepositoryStorage {
  readonly name: string;
  readonly uploads: Uploads;
  readonly #root: string;
  readonly #blobs: BlobFiles;

  constructor(root: string, name: string, parts: UploadParts) {
    this.name = name;
    this.uploads = new Uploads(root, name, parts);
    this.#root = root;
    this.#blobs = parts.blobs;
  }

  async has(ctx: Context, target: Descriptor): Promise<boolean> {
    ctx.signal.throwIfAborted();
    return (await this.#find(target))?.sizeBytes === target.size;
  }

  async fetch(ctx: Context, target: Descriptor): Promise<Bytes> {
    ctx.signal.throwIfAborted();
    const found = await this.#find(target);
    if (!found) throw this.#notFound(target.digest);
    return this.#blobs.read(ctx, found.digest);
  }

  async push(ctx: Context, expected: Descriptor, content: Bytes): Promise<void> {
    if (await this.has(ctx, expected)) return;
    const upload = await this.uploads.start();
    try {
      await this.uploads.append(ctx, upload, verified(content, expected));
      await this.uploads.finish(upload, expected.digest);
    } finally {
      await this.uploads.cancel(upload.id);
    }
    const path = isDocumentType(expected.mediaType) ? revisionLinkPath : layerLinkPath;
    await writeLink(this.#root, path(this.name, expected.digest), expected.digest);
  }

  async resolve(ctx: Context, name: string): Promise<Descriptor> {
    const found = await this.findDocument(ctx, name);
    if (found) return found.descriptor;
    throw this.#notFound(name);
  }

  async tag(ctx: Context, target: Descriptor, name: string): Promise<void> {
    if (!isTag(name)) throw new InputError(`Cannot tag an image of "${this.name}" with "${name}": it is malformed`);
    if (!(await this.has(ctx, target))) throw this.#notFound(target.digest);
    const { digest } = target;
    await writeLink(this.#root, tagHistoryLinkPath(this.name, { tag: name, digest }), digest);
    await writeLink(this.#root, tagLinkPath(this.name, name), digest);
  }

  async findDocument(ctx: Context, name: string): Promise<StoredDocument | undefined> {
    const digest = isDigest(name) ? name : await this.findTag(name);
    if (digest === undefined) return undefined;
    return (await this.#findWanted(revisionLinkPath(this.name, digest))) && this.readDocument(ctx, digest);
  }

  /** Like {@link findDocument}, without any sign that somebody wants it. */
  async readDocument(ctx: Context, digest: Digest): Promise<StoredDocument | undefined> {
    const found = await this.#findLinked(revisionLinkPath(this.name, digest));
    if (found === undefined) return undefined;
    const content = await collect(this.#blobs.read(ctx, found.digest), MANIFEST_LIMIT_BYTES);
    if (digestOf(content, algorithmOf(digest)) !== digest) {
      throw new IntegrityError(`Cannot read ${digest} of "${this.name}": the file is damaged`, {
        hint: "Push the image again",
      });
    }
    return { descriptor: { mediaType: parseManifest(content).mediaType, digest, size: content.byteLength }, content };
  }

  async findBlob(digest: Digest): Promise<StoredBlob | undefined> {
    return this.#findWanted(layerLinkPath(this.name, digest));
  }

  readBlob(ctx: Context, { digest, sizeBytes }: StoredBlob, range?: ByteRange): Bytes {
    return this.#blobs.readInPlace(ctx, digest, range ?? { first: 0, last: sizeBytes - 1 });
  }

  async finishUpload(id: string, expected: Digest): Promise<void> {
    const upload = await this.uploads.find(id);
    if (!upload) throw this.#notFound(id);
    await this.uploads.finish(upload, expected);
    await writeLink(this.#root, layerLinkPath(this.name, expected), expected);
  }

  async mount(digest: Digest, from: string): Promise<boolean> {
    const found = isRepository(from) ? await this.#findWanted(layerLinkPath(from, digest)) : undefined;
    if (!found) return false;
    await writeLink(this.#root, layerLinkPath(this.name, digest), found.digest);
    return true;
  }

  async listTags(): Promise<readonly string[] | undefined> {
    const tags = (await listNames(this.#root, tagsPath(this.name))).filter(isTag);
    return tags.length > 0 || (await this.#exists()) ? tags : undefined;
  }

  async listDocuments(): Promise<readonly Digest[]> {
    const path = revisionsPath(this.name);
    const algorithms = await listNames(this.#root, path);
    const lists = await Promise.all(
      algorithms.map(async (algorithm) =>
        (await listNames(this.#root, `${path}/${algorithm}`)).map((hex) => `${algorithm}:${hex}`),
      ),
    );
    return lists.flat().filter(isDigest);
  }

  async removeTag(tag: string): Promise<boolean> {
    if (!isTag(tag) || (await this.findTag(tag)) === undefined) return false;
    await rm(join(this.#root, tagsPath(this.name), tag), { recursive: true, force: true });
    return true;
  }

  async removeDocument(digest: Digest): Promise<boolean> {
    for (const tag of (await this.listTags()) ?? []) {
      if ((await this.findTag(tag)) === digest) await this.removeTag(tag);
    }
    return removeLink(this.#root, revisionLinkPath(this.name, digest));
  }

  async removeBlob(digest: Digest): Promise<boolean> {
    return removeLink(this.#root, layerLinkPath(this.name, digest));
  }

  async #exists(): Promise<boolean> {
    return (await listNames(this.#root, revisionsPath(this.name))).length > 0;
  }

  /** What a tag means. */
  async findTag(tag: string): Promise<Digest | undefined> {
    return isTag(tag) ? readLink(this.#root, tagLinkPath(this.name, tag)) : undefined;
  }

  #find({ mediaType, digest }: Descriptor): Promise<StoredBlob | undefined> {
    return this.#findWanted((isDocumentType(mediaType) ? revisionLinkPath : layerLinkPath)(this.name, digest));
  }

  async #findWanted(linkPath: string): Promise<StoredBlob | undefined> {
    const digest = await readWantedLink(this.#root, linkPath);
    const sizeBytes = digest && (await this.#blobs.findWanted(digest));
    if (digest === undefined || sizeBytes === undefined) return undefined;
    // A prune may have removed the link before the blob was marked; from now on it will not.
    return (await readWantedLink(this.#root, linkPath)) === undefined ? undefined : { digest, sizeBytes };
  }

  async #findLinked(linkPath: string): Promise<StoredBlob | undefined> {
    const digest = await readLink(this.#root, linkPath);
    const sizeBytes = digest && (await this.#blobs.findSize(digest));
    return digest !== undefined && sizeBytes !== undefined ? { digest, sizeBytes } : undefined;
  }

  #notFound(name: string): NotFoundError {
    return new NotFoundError("IMAGE_NOT_FOUND", `Cannot find "${name}" in repository "${this.name}"`);
  }
}
