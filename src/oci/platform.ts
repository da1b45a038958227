import { InputError } from "../base/error.ts";

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md#image-index-property-descriptions */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

const ARCHITECTURE_ALIASES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64", x64: "amd64" };

/** The standard's word for what `uname -m` or Node calls it. */
export function toArchitecture(name: string): string {
  return ARCHITECTURE_ALIASES[name] ?? name;
}

/** Reads `os/architecture[/variant]`. @throws {InputError} */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...rest] = text.split("/");
  if (!os || !architecture || rest.length > 0) {
    throw new InputError(`Cannot parse platform "${text}": expected os/architecture, for instance linux/amd64`);
  }
  return { os, architecture: toArchitecture(architecture), ...(variant ? { variant } : {}) };
}

export function renderPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join("/");
}

/** True when an image for `offered` runs where `wanted` is asked for; an absent variant of `wanted` accepts any. */
export function matchesPlatform(offered: Platform, wanted: Platform): boolean {
  return (
    offered.os === wanted.os &&
    offered.architecture === wanted.architecture &&
    (wanted.variant === undefined || offered.variant === undefined || offered.variant === wanted.variant)
  );
}
