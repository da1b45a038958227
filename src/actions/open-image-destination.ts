import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import type { Context } from "../base/context.ts";
import { assertNever, InputError } from "../base/error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { renderLocation, type FileLocation, type ImageLocation } from "../oci/image-location.ts";
import { renderReference } from "../oci/reference.ts";
import { withReferrers, type ReferrerTarget } from "../oci/referrers.ts";
import { candidateNames } from "../store/image-names.ts";
import { ImageStore } from "../store/image-store.ts";
import { saveArchive } from "../store/save-archive.ts";
import { DirFolder } from "../store/transport/dir-folder.ts";
import { LayoutFolder } from "../store/transport/layout-folder.ts";
import type { ImageEnvironment } from "./image-environment.ts";
import { toLocalName } from "./local-name.ts";

/** A place for one image, opened to be written. */
export interface ImageDestination extends AsyncDisposable {
  readonly content: ReferrerTarget;
  /** Makes the image that was copied there appear under its name. @returns the place, for people. */
  finish(ctx: Context, root: Descriptor): Promise<string>;
}

interface DestinationOptions {
  /** What the image is called when the location does not say. */
  readonly name: string | undefined;
  /** A store that has the image already: an archive is written from there. */
  readonly stage: ImageStore | undefined;
}

/** @throws {InputError} for a place that cannot be written to. */
export async function openImageDestination(
  ctx: Context,
  environment: ImageEnvironment,
  location: ImageLocation,
  options: DestinationOptions,
): Promise<ImageDestination> {
  switch (location.transport) {
    case "store":
      return storeDestination(environment.store, location.name);
    case "docker": {
      const { reference } = location;
      const content = withReferrers(await environment.openDestination(reference));
      return destination(content, async (inner, root) => {
        if (reference.tag !== undefined) await content.tag(inner, root, reference.tag);
        return `docker://${renderReference(reference)}`;
      });
    }
    case "oci":
      return layoutDestination(location, options);
    case "dir": {
      const content = new DirFolder(location.path);
      return destination(content, async (inner, root) => {
        await content.tag(inner, root);
        return renderLocation(location);
      });
    }
    case "oci-archive":
    case "docker-archive":
      return archiveDestination(ctx, location, options);
    case "containers-storage":
      throw new InputError(`Cannot copy to "${renderLocation(location)}": containers-storage is only read`, {
        hint: "Copy to oci-archive:FILE, and load that with `podman load`",
      });
    default:
      return assertNever(location);
  }
}

function destination(content: ReferrerTarget, finish: ImageDestination["finish"]): ImageDestination {
  return { content, finish, [Symbol.asyncDispose]: async () => {} };
}

function storeDestination(store: ImageStore, text: string): ImageDestination {
  const name = toLocalName(text);
  return destination(store, async (ctx, root) => {
    await store.tag(ctx, root, name);
    return name;
  });
}

async function layoutDestination(location: FileLocation, { name }: DestinationOptions): Promise<ImageDestination> {
  const content = await LayoutFolder.create(location.path);
  return destination(content, async (ctx, root) => {
    const label = location.name ?? name;
    await content.tag(ctx, root, label);
    return renderLocation({ ...location, name: label });
  });
}

async function archiveDestination(
  ctx: Context,
  location: FileLocation,
  { name, stage }: DestinationOptions,
): Promise<ImageDestination> {
  const path = resolve(location.path);
  const folder = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  const format = location.transport === "docker-archive" ? "docker-archive" : "oci-archive";
  const label = location.name ?? name;
  if (format === "docker-archive" && label !== undefined && candidateNames(label, false).length === 0) {
    throw new InputError(`Cannot copy to "${renderLocation(location)}": "${label}" is no image name`);
  }
  if (!stage) await mkdir(dirname(path), { recursive: true });
  const content = stage ?? (await ImageStore.open(ctx, folder));
  return {
    content,
    async finish(inner, root) {
      const images = [{ descriptor: root, name: label }];
      await saveArchive(inner, content, { images, destination: path, format });
      return renderLocation({ ...location, name: label });
    },
    async [Symbol.asyncDispose]() {
      if (stage) return;
      await content[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
