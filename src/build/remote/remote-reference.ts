import { posix } from "node:path";

import { ValueError } from "../value-error.ts";

/** Something that is fetched from a network: a file, or a repository of git. */
export type RemoteReference =
  | { readonly kind: "file"; readonly url: string; /** The last part of its path. */ readonly name: string }
  | GitReference;

export interface GitReference {
  readonly kind: "git";
  /** As git takes it; it may hold a password. */
  readonly url: string;
  /** A branch, a tag or a commit; undefined for what the repository has as its HEAD. */
  readonly ref: string | undefined;
  /** The folder of the repository that counts; empty for all of it. */
  readonly subfolder: string;
  /** What the commit must be, in hex digits. */
  readonly commit: string | undefined;
  readonly keepsGitFolder: boolean;
}

const GIT_URL = /^(?:git@[^/:]+:|(?:git|ssh):\/\/)/i;
const HTTP_URL = /^https?:\/\//i;
const GIT_PARAMETERS: ReadonlySet<string> = new Set([
  "ref",
  "tag",
  "branch",
  "commit",
  "checksum",
  "subdir",
  "keep-git-dir",
]);

/** True for what {@link parseRemote} knows. */
export function isRemote(text: string): boolean {
  return GIT_URL.test(text) || HTTP_URL.test(text);
}

/**
 * `https://HOST/FILE`, or for git `https://HOST/NAME.git`, `git@HOST:NAME`, `ssh://…` and `git://…`, each with
 * `#REF:FOLDER` or `?ref=…&subdir=…` behind it. Undefined for a local path.
 * @throws {ValueError}
 */
export function parseRemote(text: string): RemoteReference | undefined {
  if (GIT_URL.test(text)) return parseGit(text);
  if (!HTTP_URL.test(text)) return undefined;
  const url = URL.parse(text);
  if (!url) throw new ValueError(`"${text}" is not a URL`);
  if (url.pathname.endsWith(".git")) return parseGit(text);
  return { kind: "file", url: text, name: decodeName(posix.basename(url.pathname)) };
}

/** A URL without the password that it may hold, for messages. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/i, "$1");
}

function parseGit(text: string): GitReference {
  const [address = "", fragment = ""] = splitOnce(text, "#");
  const [url = "", query = ""] = splitOnce(address, "?");
  const parameters = new URLSearchParams(query);
  const unknown = [...parameters.keys()].find((name) => !GIT_PARAMETERS.has(name));
  if (unknown !== undefined) throw new ValueError(`"${unknown}" is not a parameter of a git URL`);
  const [ref, folder = ""] = splitOnce(fragment, ":");
  const named = ref || (parameters.get("ref") ?? qualified(parameters, "tag") ?? qualified(parameters, "branch"));
  return {
    kind: "git",
    url,
    ref: checkRef(named || undefined),
    subfolder: cleanFolder(folder || (parameters.get("subdir") ?? "")),
    commit: checkCommit(parameters.get("commit") ?? parameters.get("checksum") ?? undefined),
    keepsGitFolder: ["", "1", "true"].includes(parameters.get("keep-git-dir") ?? "false"),
  };
}

function qualified(parameters: URLSearchParams, kind: "tag" | "branch"): string | undefined {
  const name = parameters.get(kind);
  return name === null ? undefined : `refs/${kind === "tag" ? "tags" : "heads"}/${name}`;
}

/** @throws {ValueError} for what is not a whole commit hash */
function checkCommit(text: string | undefined): string | undefined {
  if (text === undefined || isCommit(text)) return text;
  throw new ValueError(`expected a commit of 40 hex digits, found "${text}"`);
}

export function isCommit(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** What git would take for a flag or a pattern is no reference. */
function checkRef(ref: string | undefined): string | undefined {
  if (ref === undefined || /^[A-Za-z0-9_][A-Za-z0-9_./+@-]*$/.test(ref)) return ref;
  throw new ValueError(`"${ref}" cannot be a branch, a tag or a commit`);
}

function cleanFolder(folder: string): string {
  const clean = posix.normalize(`/${folder}`).replace(/^\/+|\/+$/g, "");
  if (folder.split("/").includes("..")) throw new ValueError(`the folder "${folder}" leads out of the repository`);
  return clean;
}

function splitOnce(text: string, separator: string): readonly string[] {
  const offset = text.indexOf(separator);
  return offset < 0 ? [text] : [text.slice(0, offset), text.slice(offset + 1)];
}

function decodeName(name: string): string {
  try {
    const decoded = decodeURIComponent(name);
    return decoded.includes("/") || decoded.includes("\0") ? name : decoded;
  } catch {
    return name;
  }
}
