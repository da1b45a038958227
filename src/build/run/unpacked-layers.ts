import { randomBytes } from "node:crypto";
import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";

import { SLAB_BYTES } from "../../archive/hash-ring.ts";
import type { LayerEntry } from "../../archive/tar-entry.ts";
import { tarSlabs } from "../../archive/tar-writer.ts";
import { runTask, type Context } from "../../base/context.ts";
import { systemCode } from "../../base/error.ts";
import { hexOf, type Digest } from "../../oci/digest.ts";
import type { ImageStore } from "../../store/image-store.ts";
import { openLayer } from "../../store/layer-cache.ts";
import { UNPACKED_FOLDER } from "../../store/layout.ts";
import type { BuiltLayer } from "../write-layers.ts";
import { RunError } from "./errors.ts";
import { toOverlayEntries } from "./overlay-entries.ts";
import { runHelper } from "./run-helper.ts";
import { removeAs, withPrefix, type UserNamespace } from "./user-namespace.ts";

/** Layers of a store as parts of overlay file systems, each in a folder of its own that builds keep. */
export class UnpackedLayers {
  readonly #store: ImageStore;
  readonly #namespace: UserNamespace;

  constructor(store: ImageStore, namespace: UserNamespace) {
    this.#store = store;
    this.#namespace = namespace;
  }

  /** The folder of a layer; it is unpacked when it is asked for the first time. */
  async open(ctx: Context, { descriptor, diffId }: BuiltLayer): Promise<string> {
    const folder = this.#folderOf(diffId);
    if (await this.#store.touch(folder)) return folder;
    return runTask(ctx, `unpack layer ${descriptor.digest.slice(0, 19)}`, async (task) => {
      const layer = await openLayer(task, this.#store, { layer: descriptor, diffId });
      const temporary = `${folder}.${randomBytes(6).toString("hex")}.tmp`;
      await mkdir(temporary, { recursive: true });
      try {
        const hasDevices = this.#namespace.kind === "host";
        await unpackAs(task, this.#namespace, { entries: toOverlayEntries(layer, hasDevices), folder: temporary });
        await moveUnlessThere(temporary, folder);
      } finally {
        await removeAs(this.#namespace, temporary);
      }
      return folder;
    });
  }

  /** Makes the folder that a command wrote to that of its layer; without one it is unpacked when it is needed. */
  async adopt(upper: string, diffId: Digest): Promise<void> {
    const folder = this.#folderOf(diffId);
    await mkdir(dirname(folder), { recursive: true });
    await moveUnlessThere(upper, folder);
  }

  #folderOf(diffId: Digest): string {
    return join(this.#store.root, UNPACKED_FOLDER, this.#namespace.kind, hexOf(diffId));
  }
}

/** Owners, modes, times, links and extended attributes are those of the entries, as the namespace has them. */
export async function unpackAs(
  ctx: Context,
  namespace: UserNamespace,
  { entries, folder }: { entries: Iterable<LayerEntry>; folder: string },
): Promise<void> {
  const owners = namespace.kind === "single" ? "--no-same-owner" : "--same-owner";
  const flags = ["-p", "--numeric-owner", owners, "--xattrs", "--xattrs-include=*", "--delay-directory-restore"];
  const tar = withPrefix(namespace, ["tar", "-x", ...flags, "-C", folder]);
  const slabs = tarSlabs(entries, () => Buffer.allocUnsafe(SLAB_BYTES));
  const { exitCode, complaint } = await runHelper(ctx, tar, slabs);
  if (exitCode === 0) return;
  throw new RunError(
    "RUN_UNAVAILABLE",
    `Cannot unpack a layer for commands: ${complaint || `tar ended with ${exitCode}`}`,
    {
      hint: "Install GNU tar, and see that the image store has space",
    },
  );
}

/** Somebody else may have been faster, and a command may have made its folder immovable. */
async function moveUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST", "EACCES"].includes(systemCode(error) ?? "")) throw error;
  }
}
