import * as v from "valibot";

import { InputError, messageOf } from "../base/error.ts";

const HEX = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "expected 64 hex digits"));

const LOCK = v.strictObject({
  lockVersion: v.literal(1),
  /** By URL. */
  releases: v.record(v.string(), HEX),
  /** By the module's directory, relative to the file. */
  modules: v.record(
    v.string(),
    v.strictObject({
      goMod: HEX,
      goSum: HEX,
      /** What the programs were built with, joined by blanks; absent in locks of earlier versions. */
      flags: v.optional(v.string()),
      /** Of reproducible programs: `ARCHITECTURE GO-VERSION`, then the path in the payload. */
      programs: v.record(v.string(), v.record(v.string(), HEX)),
    }),
  ),
});

/** What everything that comes from outside must hash to (SHA-256 in hex digits). */
export type SourcesLock = v.InferOutput<typeof LOCK>;
export type LockedModule = SourcesLock["modules"][string];

export const EMPTY_LOCK: SourcesLock = { lockVersion: 1, releases: {}, modules: {} };

/** @throws {InputError} when the text is not a lock of this version. */
export function parseLock(text: string, file: string): SourcesLock {
  try {
    return v.parse(LOCK, JSON.parse(text));
  } catch (error) {
    throw new InputError(`Cannot read lock "${file}": ${messageOf(error)}`, {
      cause: error,
      hint: "Restore the file from version control, or make it again with `sealos sources lock`",
    });
  }
}

/** JSON with sorted keys: the same lock is the same text. */
export function renderLock(lock: SourcesLock): string {
  return `${JSON.stringify(sorted(lock), undefined, 2)}\n`;
}

/** Whether the programs of a locked module were built as the source says now. */
export function hasFlags({ flags }: LockedModule, wanted: readonly string[]): boolean {
  return flags === undefined || flags === wanted.join(" ");
}

/** The key of programs in a locked module. */
export function programsKey(architecture: string, goVersion: string): string {
  return `${architecture} ${goVersion}`;
}

function sorted(node: unknown): unknown {
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, sorted(value)]));
}
