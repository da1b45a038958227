import { parsePlatform, toArchitecture, type Platform } from "../oci/platform.ts";
import type { Environment } from "./environment.ts";
import type { FlagSpecs, FlagValues } from "./flag.ts";

/** Which image of an index is meant; the last three are other tools' way to write it. */
export const PLATFORM_FLAGS = {
  platform: { type: "string", value: "OS/ARCH", help: "Which image of an index; default: that of this machine" },
  os: { type: "string", value: "OS", hidden: true, help: "The operating system of the platform" },
  arch: { type: "string", value: "ARCH", hidden: true, help: "The architecture of the platform" },
  variant: { type: "string", value: "VARIANT", hidden: true, help: "The variant of the platform" },
} as const satisfies FlagSpecs;

type PlatformValues = Partial<FlagValues<typeof PLATFORM_FLAGS>>;

/** @returns undefined when no flag says anything. @throws {InputError} */
export function toPlatform(
  { platform, os, arch, variant }: PlatformValues,
  { settings }: Environment,
): Platform | undefined {
  if (platform !== undefined) return parsePlatform(platform);
  if (os === undefined && arch === undefined && variant === undefined) return undefined;
  return {
    os: os ?? settings.platform.os,
    architecture: arch === undefined ? settings.platform.architecture : toArchitecture(arch),
    ...(variant === undefined ? {} : { variant }),
  };
}
