import { stat } from "node:fs/promises";

import { runTask, type Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import { expandVariables, guestLines } from "../cluster/guest-command.ts";
import type { Digest } from "../oci/digest.ts";
import { toEnvironment } from "../oci/image-config.ts";
import type { Platform } from "../oci/platform.ts";
import { openImageFiles } from "../store/image-files.ts";
import { unpackTree } from "../store/unpack-tree.ts";
import { findImage } from "./find-image.ts";
import type { ImageEnvironment } from "./image-environment.ts";

export interface CreateFolderRequest {
  readonly name: string;
  /** Shell lines in the place of the image's own. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly platform?: Platform | undefined;
  /** Where the files go: a folder that is not there, or where they are when it is said to be the digest's own. */
  readonly folderFor: (digest: Digest) => { readonly folder: string; readonly isReusable: boolean };
}

export interface CreatedFolder {
  readonly folder: string;
  /** What would be run in it, with the known variables in place. */
  readonly lines: readonly string[];
}

/** Unpacks an image to look at it or to serve its `registry` folder. Templates stay as they are. */
export async function createFolder(
  ctx: Context,
  environment: ImageEnvironment,
  request: CreateFolderRequest,
): Promise<CreatedFolder> {
  const { name, platform } = request;
  const descriptor = await findImage(ctx, environment, { name, platform });
  const { config, tree } = await openImageFiles(ctx, environment.store, descriptor);
  const { folder, isReusable } = request.folderFor(descriptor.digest);
  const isThere = (await stat(folder).catch(() => undefined)) !== undefined;
  if (isThere && !isReusable) {
    throw new InputError(`Cannot unpack "${name}" to "${folder}": it is there already`, {
      hint: "Name a folder that does not exist",
    });
  }
  if (!isThere) await runTask(ctx, `Unpack ${name}`, (inner) => unpackTree(inner, tree, folder));
  const { Entrypoint = [], Cmd = [], Env = [] } = config.config ?? {};
  const { PATH: _, ...imageEnvironment } = toEnvironment(Env);
  const known = { ...imageEnvironment, ...request.environment };
  const lines = guestLines(Entrypoint, request.command.length > 0 ? request.command : Cmd);
  return { folder, lines: lines.map((line) => expandVariables(line, known)) };
}
