import { folderEnd, isFolderName, remoteEnd, type RegistryEnd } from "../actions/registry-end.ts";
import { UsageError } from "../base/error.ts";
import { parsePlatform, type Platform } from "../oci/platform.ts";
import type { Environment } from "./environment.ts";
import type { FlagSpecs } from "./flag.ts";
import { openRegistries } from "./open-registries.ts";
import type { RegistryOptions } from "./registry-flags.ts";

/** Which images of an index are copied; common to the commands that copy between registries. */
export const COPY_FLAGS = {
  all: { type: "boolean", short: "a", default: true, help: "Copy all platforms; --all=false only that of --platform" },
  platform: { type: "string", value: "OS/ARCH", help: "Copy this platform only" },
} as const satisfies FlagSpecs;

/** @returns undefined when all platforms are wanted. */
export function wantedPlatform(
  { all, platform }: { readonly all: boolean; readonly platform: string | undefined },
  { settings }: Environment,
): Platform | undefined {
  if (platform !== undefined) return parsePlatform(platform);
  return all ? undefined : settings.platform;
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
    if (/^[\w.:[\]-]+$/.test(name)) return remoteEnd(registries.openRegistry(name));
    throw new UsageError(`Cannot open registry "${text}": expected host:port, or a folder such as ./registry`);
  };
}
