import { resolve } from "node:path";

import type { CacheLocation } from "../actions/build-cache.ts";
import type { BuildOutput } from "../actions/build-output.ts";
import { UsageError } from "../base/error.ts";

/** `KEY=VALUE,…` of a flag. */
type Fields = ReadonlyMap<string, string>;

/**
 * Reads `--cache-from` and `--cache-to`: `type=local,src=DIR` or `dest=DIR`, `type=registry,ref=NAME`, a path or a name.
 * @throws {UsageError}
 */
export function parseCacheLocation(flag: string, text: string, workingDirectory: string): CacheLocation {
  const fields = findFields(text);
  if (!fields) {
    const isPath = /^(\.{1,2}(\/|$)|\/)/.test(text);
    return isPath ? { type: "local", folder: resolve(workingDirectory, text) } : { type: "registry", reference: text };
  }
  const type = fields.get("type") ?? "registry";
  const folder = fields.get("src") ?? fields.get("dest");
  const reference = fields.get("ref");
  if (type === "local" && folder) return { type, folder: resolve(workingDirectory, folder) };
  if (type === "registry" && reference) return { type, reference };
  throw invalid(flag, text, "type=local,src=DIR, type=local,dest=DIR, type=registry,ref=NAME, ./DIR or NAME");
}

/** Reads `--output`: `type=local|tar|oci,dest=PLACE`, a folder, or `-` for an archive on stdout. @throws {UsageError} */
export function parseOutput(text: string, workingDirectory: string): BuildOutput {
  const fields = findFields(text) ?? new Map([["dest", text], ...(text === "-" ? [["type", "tar"] as const] : [])]);
  const type = fields.get("type") ?? "local";
  const named = fields.get("dest");
  const isKnown = type === "local" || type === "tar" || type === "oci";
  if (!isKnown || !named || (type === "local" && named === "-")) {
    throw invalid("output", text, "DIR, -, type=local,dest=DIR, type=tar,dest=FILE or type=oci,dest=FILE");
  }
  return { type, destination: named === "-" ? STDOUT : resolve(workingDirectory, named) };
}

/** Linux opens it anew: writing to it waits for its reader. */
export const STDOUT = "/dev/stdout";

/** @returns undefined for a text that is no list of fields. */
function findFields(text: string): Fields | undefined {
  const parts = text.split(",").map((part) => /^([a-z-]+)=(.*)$/.exec(part));
  const fields = parts.flatMap((match) => (match ? [[match[1] ?? "", match[2] ?? ""] as const] : []));
  return fields.length === parts.length ? new Map(fields) : undefined;
}

function invalid(flag: string, text: string, wanted: string): UsageError {
  return new UsageError(`Invalid value "${text}" of --${flag}: expected ${wanted}`);
}
