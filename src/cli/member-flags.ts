import type { MemberStatement } from "../actions/manifest-list.ts";
import { toArchitecture } from "../oci/platform.ts";
import type { FlagSpecs, FlagValues } from "./flag.ts";
import { parseNameValues } from "./name-value.ts";

/** What an index is to say about an image; common to the commands that put it there. */
export const MEMBER_FLAGS = {
  arch: { type: "string", value: "ARCH", help: "Architecture" },
  os: { type: "string", value: "OS", help: "Operating system" },
  variant: { type: "string", value: "VARIANT", help: "Variant of the architecture" },
  "os-version": { type: "string", value: "VERSION", help: "Version of the operating system" },
  "os-features": { type: "list", value: "FEATURE", help: "Features of the operating system" },
  annotation: { type: "array", value: "NAME=VALUE", help: "Annotation; repeatable" },
  features: { type: "list", hidden: true, ignored: true, help: "Features of the processor have no field any more" },
} as const satisfies FlagSpecs;

/** @throws {UsageError} for an annotation without a name or value. */
export function toStatement({ arch, os, variant, ...flags }: FlagValues<typeof MEMBER_FLAGS>): MemberStatement {
  const version = flags["os-version"];
  const features = flags["os-features"];
  return {
    platform: {
      ...(arch !== undefined && { architecture: toArchitecture(arch) }),
      ...(os !== undefined && { os }),
      ...(variant !== undefined && { variant }),
      ...(version !== undefined && { "os.version": version }),
      ...(features.length > 0 && { "os.features": features }),
    },
    annotations: parseNameValues("annotation", flags.annotation),
  };
}
