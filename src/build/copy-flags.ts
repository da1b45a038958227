import type { CopyInstruction, Flag } from "../kubefile/instruction.ts";
import { expand, type Expansion } from "./apply-variables.ts";
import type { IgnoreRules } from "./context/ignore-rules.ts";
import { parseExcludes } from "./layer/exclude.ts";
import { parsePermissions, type PermissionChange } from "./layer/permissions.ts";
import { atPlace, type Place } from "./place.ts";
import { isCommit } from "./remote/remote-reference.ts";
import { ValueError } from "./value-error.ts";

/** The flags of COPY and ADD, variables replaced. */
export interface CopyFlags {
  /** `user:group` as written: what it means depends on the image. */
  readonly owner: FlagValue<string> | undefined;
  readonly permissions: PermissionChange | undefined;
  /** The layer takes no notice of what is below it. */
  readonly isLinked: boolean;
  /** Sources keep the folders that they are in. */
  readonly keepsParents: boolean;
  readonly excludes: IgnoreRules | undefined;
  readonly checksum: FlagValue<Checksum> | undefined;
  readonly keepsGitFolder: boolean;
  /** Undefined when it is not said: then local archives are unpacked by ADD, fetched ones are not. */
  readonly unpacks: boolean | undefined;
}

export interface FlagValue<T> {
  readonly value: T;
  readonly place: Place;
}

/** In hex digits: SHA-256 of a file, or the commit of a repository. */
export interface Checksum {
  readonly kind: "sha256" | "commit";
  readonly hex: string;
}

/** @throws {KubefileError} for a value that a flag cannot have */
export function readCopyFlags(
  { flags }: CopyInstruction,
  { expansion, place }: { expansion: Expansion; place: Place },
): CopyFlags {
  const values = <T>(wanted: string, parse: (text: string) => T): readonly FlagValue<T>[] =>
    flags
      .filter(({ name }) => name === wanted)
      .map((flag) => readValue(flag, { expansion, place: { ...place, span: flag.span }, parse }));
  const isTrue = (name: string): boolean => values(name, parseSwitch)[0]?.value ?? false;
  return {
    owner: values("chown", String)[0],
    permissions: values("chmod", parsePermissions)[0]?.value,
    isLinked: isTrue("link"),
    keepsParents: isTrue("parents"),
    excludes: parseExcludes(values("exclude", String).map(({ value }) => value)),
    checksum: values("checksum", parseChecksum)[0],
    keepsGitFolder: isTrue("keep-git-dir"),
    unpacks: values("unpack", parseSwitch)[0]?.value,
  };
}

interface ReadOptions<T> {
  readonly expansion: Expansion;
  readonly place: Place;
  readonly parse: (text: string) => T;
}

function readValue<T>({ value }: Flag, { expansion, place, parse }: ReadOptions<T>): FlagValue<T> {
  return { place, value: atPlace(place, () => parse(value ? expand(value, expansion) : "")) };
}

/** A flag without a value is on. */
function parseSwitch(text: string): boolean {
  if (text === "" || text === "true") return true;
  if (text === "false") return false;
  throw new ValueError(`expected true or false, found "${text}"`);
}

function parseChecksum(text: string): Checksum {
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(text)?.[1];
  if (sha256 !== undefined) return { kind: "sha256", hex: sha256 };
  if (isCommit(text)) return { kind: "commit", hex: text };
  throw new ValueError(`expected sha256:<64 hex digits> or the commit of a git repository, found "${text}"`);
}
