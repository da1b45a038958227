import { UsageError } from "../base/error.ts";
import { parsePlatform, type Platform } from "../oci/platform.ts";

/** How a command line says what an image is for. */
export interface PlatformFlags {
  readonly platform: readonly string[];
  readonly "all-platforms": boolean;
  readonly os: string | undefined;
  readonly arch: string | undefined;
  readonly variant: string | undefined;
}

/** @throws {UsageError} when flags contradict each other. */
export function toPlatforms(flags: PlatformFlags, machine: Platform): readonly Platform[] | "all" {
  const { platform, os, arch, variant } = flags;
  const hasParts = os !== undefined || arch !== undefined || variant !== undefined;
  const given = [flags["all-platforms"], platform.length > 0, hasParts].filter(Boolean);
  if (given.length > 1)
    throw new UsageError("Give only one of --platform, --all-platforms and --os, --arch, --variant");
  if (flags["all-platforms"]) return "all";
  if (hasParts) return [parsePlatform([os ?? machine.os, arch ?? machine.architecture, variant ?? ""].join("/"))];
  return platform.map((text) => (text === "local" ? machine : parsePlatform(text)));
}
