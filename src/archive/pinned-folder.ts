import { closeSync, constants, openSync, readlinkSync } from "node:fs";

import { decodePath, toSystemPath } from "./path-bytes.ts";

/** Of Linux, absent from Node: a descriptor that needs the right to pass through a folder, not to list it. */
const O_PATH = 0x20_0000;

/** A folder that is open. Paths that begin with `at` lead through it, whatever links are put in its place later. */
export interface PinnedFolder {
  readonly at: string;
  /** Where it really is, all links followed. */
  readonly realPath: string;
}

/**
 * Opens folders so that what is in them can be reached without trusting the path to them again. The last one stays open
 * until the next one is wanted or the running synchronous work ends.
 */
export class PinnedFolders {
  #descriptor: number | undefined;
  #path: string | undefined;
  #pinned: PinnedFolder = { at: "", realPath: "" };

  /** Valid until the next call and within the same synchronous work. @throws as `openSync` does */
  pin(path: string): PinnedFolder {
    if (this.#descriptor !== undefined && this.#path === path) return this.#pinned;
    this.#close();
    const descriptor = openSync(toSystemPath(path), O_PATH | constants.O_DIRECTORY);
    this.#descriptor = descriptor;
    this.#path = path;
    queueMicrotask(() => {
      if (this.#descriptor === descriptor) this.#close();
    });
    const at = `/proc/self/fd/${descriptor}`;
    this.#pinned = { at, realPath: decodePath(readlinkSync(at, "buffer")) };
    return this.#pinned;
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
