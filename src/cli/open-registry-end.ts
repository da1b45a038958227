import { folderEnd, isFolderName, remoteEnd, type RegistryEnd } from "../actions/registry-end.ts";
import { UsageError } from "../base/error.ts";
import type { Platform } from "../oci/platform.ts";
import type { Environment } from "./environment.ts";
import type { FlagSpecs } from "./flag.ts";
import { openRegistries } from "./open-registries.ts";
import { toPlatform } from "./platform-flags.ts";
import type { RegistryOptions } from "./registry-flags.ts";

/** Which images of an index are copied; common to the commands that copy between registries. */
export const COPY_FLAGS = {
  all: { type: "boolean", short: "a", default: true, help: "Copy all platforms; --all=false only that of --platform" },
  platform: { type: "string", value: "OS/ARCH", help: "Copy this platform only" },
  "override-os": { type: "string", value: "OS", hidden: true, help: "The system of the platform to copy" },
  "override-arch": { type: "string", value: "ARCH", hidden: true, help: "The architecture of the platform to copy" },
  "override-variant": { type: "string", value: "VARIANT", hidden: true, help: "The variant of the platform to copy" },
} as const satisfies FlagSpecs;

export interface PlatformFlags {
  readonly all: boolean;
  readonly platform: string | undefined;
  readonly "override-os"?: string | undefined;
  readonly "override-arch"?: string | undefined;
  readonly "override-variant"?: string | undefined;
}

/** @returns undefined when all platforms are wanted; whoever names a part of one wants that only. */
export function wantedPlatform(flags: PlatformFlags, environment: Environment): Platform | undefined {
  const { platform, "override-os": os, "override-arch": arch, "override-variant": variant } = flags;
  const wanted = toPlatform({ platform, os, arch, variant }, environment);
  return wanted ?? (flags.all ? undefined : environment.settings.platform);
}

/**
 * Opens what a user calls a registry: `host:port`, or a folder written as a path.
 * @throws {UsageError} when it is neither.
 */
export async function openRegistryEnds(
  environment: Environment,
  options: RegistryOptions,
): Promise<(text: string) => RegistryEnd> {
  const registries = await openRegistries(options, environment.settings);
  environment.closeAtEnd(registries);
  return (text) => {
    if (isFolderName(text)) return folderEnd(text);
    const name = text.replace(/^(?:docker|https?):\/\//, "").replace(/\/$/, "");
    if (/^[\w.:[\]-]+$/.test(name)) {
      return remoteEnd(registries.openRegistry(name), {
        openSource: (repository) => registries.openRepository({ registry: name, repository }),
        openDestination: (repository) => registries.openDestination({ registry: name, repository }),
      });
    }
    throw new UsageError(`Cannot open registry "${text}": expected host:port, or a folder such as ./registry`);
  };
}
