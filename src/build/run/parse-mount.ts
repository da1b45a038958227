import { posix } from "node:path";

import { assertNever } from "../../base/error.ts";
import { findClosest } from "../../base/text.ts";
import { expandWord } from "../../kubefile/expand.ts";
import { WordError } from "../../kubefile/word-parts.ts";
import { lookupIn, type Expansion } from "../apply-variables.ts";
import { ValueError } from "../value-error.ts";
import { findMemorySize } from "./memory-size.ts";
import { MountFields, type MountKey } from "./mount-fields.ts";
import type { CacheSharing, RunMount } from "./run-mount.ts";

const TYPES = ["bind", "cache", "tmpfs", "secret", "ssh"] as const;
type MountType = (typeof TYPES)[number];

/** What a mount of each type can say about itself, besides its type. */
const KEYS: Readonly<Record<MountType, readonly MountKey[]>> = {
  bind: ["target", "source", "from", "readonly", "readwrite"],
  cache: ["target", "source", "from", "readonly", "readwrite", "id", "sharing", "mode", "uid", "gid"],
  tmpfs: ["target", "size"],
  secret: ["target", "source", "id", "env", "required", "mode", "uid", "gid"],
  ssh: ["target", "id", "required", "mode", "uid", "gid"],
};

/**
 * Reads `type=…,KEY=VALUE,…` of `--mount`: keys and defaults are BuildKit's.
 * https://docs.docker.com/reference/dockerfile/#run---mount
 * @throws {ValueError} and {WordError}
 */
export function parseMount(text: string, { escape, variables }: Expansion): RunMount {
  const expand = (field: string) => expandWord(field, { lookup: lookupIn(variables), escape });
  const fields = new MountFields(splitFields(text), expand);
  const type = parseType(fields.text("type") ?? "bind");
  fields.allow(["type", ...KEYS[type]], type);
  switch (type) {
    case "bind":
      return { type, ...targetOf(fields, type), ...sourceOf(fields), isWritable: isWritable(fields, false) };
    case "cache":
      return toCache(fields);
    case "tmpfs":
      return { type, ...targetOf(fields, type), sizeBytes: fields.parsed("size", parseSizeField) };
    case "secret":
      return toSecret(fields);
    case "ssh":
      return { type, id: fields.text("id") ?? "default", target: fields.text("target"), ...accessOf(fields, 0o600) };
    default:
      return assertNever(type);
  }
}

/**
 * What a mount has as `from`, before it is known whether the rest of it is right.
 * @returns undefined when there is none, or when that is not to be found out
 */
export function findMountOrigin(text: string, { escape, variables }: Expansion): string | undefined {
  const expand = (field: string) => expandWord(field, { lookup: lookupIn(variables), escape });
  try {
    return new MountFields(splitFields(text), expand).text("from");
  } catch (error) {
    if (error instanceof ValueError || error instanceof WordError) return undefined;
    throw error;
  }
}

function parseType(text: string): MountType {
  const type = TYPES.find((known) => known === text.toLowerCase());
  if (type) return type;
  const closest = findClosest(text, TYPES);
  const hint = closest === undefined ? "" : `; did you mean ${closest}?`;
  throw new ValueError(`expected a mount of type ${TYPES.join(", ")}, found "${text}"${hint}`);
}

function toCache(fields: MountFields): RunMount {
  const target = targetOf(fields, "cache");
  return {
    type: "cache",
    ...target,
    ...sourceOf(fields),
    id: fields.text("id") ?? posix.normalize(target.target),
    isWritable: isWritable(fields, true),
    sharing: fields.parsed("sharing", parseSharing) ?? "shared",
    ...ownerOf(fields, 0o755),
  };
}

/** The secret's name is its id, else its source, else the name of the file. */
function toSecret(fields: MountFields): RunMount {
  const [id, source, target] = [fields.text("id"), fields.text("source"), fields.text("target")];
  if (id !== undefined && source !== undefined) throw new ValueError("a secret has either id or source, not both");
  const named = id ?? source ?? (target === undefined ? undefined : posix.basename(target));
  if (named === undefined) throw new ValueError("a mount of type secret needs id=NAME");
  const variable = fields.text("env");
  const place = target ?? (variable === undefined ? `/run/secrets/${posix.basename(named)}` : undefined);
  return { type: "secret", id: named, target: place, variable, ...accessOf(fields, 0o400) };
}

function targetOf(fields: MountFields, type: MountType): { readonly target: string } {
  const target = fields.text("target");
  if (target === undefined) throw new ValueError(`a mount of type ${type} needs target=PATH`);
  if (posix.resolve("/", target) === "/") throw new ValueError(`nothing can be mounted at "${target}"`);
  return { target };
}

/** Every path begins at the root of `from`, and stays there. */
function sourceOf(fields: MountFields): { readonly source: string; readonly from: string | undefined } {
  return { source: posix.resolve("/", fields.text("source") ?? "").slice(1), from: fields.text("from") };
}

function isWritable(fields: MountFields, byDefault: boolean): boolean {
  const [readonly, readwrite] = [fields.flag("readonly"), fields.flag("readwrite")];
  if (readonly !== undefined && readwrite !== undefined) {
    throw new ValueError("a mount is either readonly or readwrite, not both");
  }
  return readwrite ?? (readonly === undefined ? byDefault : !readonly);
}

function accessOf(fields: MountFields, mode: number) {
  return { isRequired: fields.flag("required") ?? false, ...ownerOf(fields, mode) };
}

function ownerOf(fields: MountFields, mode: number) {
  return {
    mode: fields.parsed("mode", parseMode) ?? mode,
    uid: fields.parsed("uid", parseId) ?? 0,
    gid: fields.parsed("gid", parseId) ?? 0,
  };
}

function parseSharing(text: string): CacheSharing {
  const sharing = text.toLowerCase();
  if (sharing === "shared" || sharing === "private" || sharing === "locked") return sharing;
  throw new ValueError(`expected sharing=shared, private or locked, found "${text}"`);
}

function parseMode(text: string): number {
  if (/^[0-7]{1,5}$/.test(text) && Number.parseInt(text, 8) <= 0o7777) return Number.parseInt(text, 8);
  throw new ValueError(`expected mode as octal digits, found "${text}"`);
}

/** The largest number means "no owner". */
function parseId(text: string): number {
  if (/^[0-9]{1,10}$/.test(text) && Number(text) < 0xffff_ffff) return Number(text);
  throw new ValueError(`expected a number of a user or group, found "${text}"`);
}

function parseSizeField(text: string): number {
  const size = findMemorySize(text);
  if (size !== undefined) return size;
  throw new ValueError(`expected a size such as 64m, found "${text}"`);
}

/** Splits at commas that are not within quotes. Quotes stay: they are removed when variables are replaced. */
function splitFields(text: string): string[] {
  const fields = [""];
  let quote = "";
  for (const character of text) {
    if (character === "," && quote === "") {
      fields.push("");
      continue;
    }
    if (quote === "" && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = "";
    fields.push(`${fields.pop() ?? ""}${character}`);
  }
  return fields;
}
