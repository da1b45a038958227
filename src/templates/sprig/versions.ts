import { fixed, functionTable } from "../function.ts";
import { GoObject, Integer } from "../value/value.ts";
import type { GoCallable, Value } from "../value/value.ts";
import { parseConstraint, satisfies } from "../version/constraint.ts";
import { compareVersions, parseVersion, renderVersion } from "../version/version.ts";
import type { Version } from "../version/version.ts";

/** `*semver.Version` with the methods that templates call. */
class VersionObject extends GoObject {
  readonly type = "*semver.Version";
  readonly kind = "ptr";
  readonly version: Version;

  constructor(version: Version) {
    super();
    this.version = version;
  }

  override method(name: string): GoCallable | undefined {
    return VERSION_METHODS.get(name)?.(this.version);
  }

  print(): string {
    return renderVersion(this.version);
  }
}

const getter = (get: (version: Version) => Value) => (version: Version) => fixed([], () => get(version));
const uint64 = (value: bigint): Integer => new Integer("uint64", value);

/** The other version of a comparison is always one that `semver` made. */
function comparing(result: (order: number) => Value): (version: Version) => GoCallable {
  return (version) =>
    fixed(["any"], (other) => result(other instanceof VersionObject ? compareVersions(version, other.version) : 1));
}

function incremented(change: (version: Version) => Partial<Version>): (version: Version) => GoCallable {
  return (version) =>
    fixed([], () => new VersionObject({ ...version, prerelease: "", metadata: "", ...change(version) }));
}

const VERSION_METHODS: ReadonlyMap<string, (version: Version) => GoCallable> = new Map([
  ["Major", getter(({ major }) => uint64(major))],
  ["Minor", getter(({ minor }) => uint64(minor))],
  ["Patch", getter(({ patch }) => uint64(patch))],
  ["Prerelease", getter(({ prerelease }) => prerelease)],
  ["Metadata", getter(({ metadata }) => metadata)],
  ["Original", getter(({ original }) => original)],
  ["String", getter(renderVersion)],
  ["Compare", comparing((order) => BigInt(Math.sign(order)))],
  ["Equal", comparing((order) => order === 0)],
  ["LessThan", comparing((order) => order < 0)],
  ["LessThanEqual", comparing((order) => order <= 0)],
  ["GreaterThan", comparing((order) => order > 0)],
  ["GreaterThanEqual", comparing((order) => order >= 0)],
  ["IncMajor", incremented(({ major }) => ({ major: major + 1n, minor: 0n, patch: 0n }))],
  ["IncMinor", incremented(({ minor }) => ({ minor: minor + 1n, patch: 0n }))],
  ["IncPatch", incremented(({ patch, prerelease }) => ({ patch: prerelease === "" ? patch + 1n : patch }))],
]);

export const versionFunctions = functionTable({
  semver: fixed(["string"], (text) => new VersionObject(parseVersion(text))),
  semverCompare: fixed(["string", "string"], (constraint, version) => {
    const parsed = parseConstraint(constraint);
    return satisfies(parseVersion(version), parsed);
  }),
});
