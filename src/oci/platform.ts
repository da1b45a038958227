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
  if (!os || !architecture || rest.length > 0 || !/^[\w./-]+$/.test(text)) {
    throw new InputError(`Cannot parse platform "${text}": expected os/architecture, for instance linux/amd64`);
  }
  return { os, architecture: toArchitecture(architecture), ...(variant ? { variant } : {}) };
}

export function renderPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join("/");
}

/** What no variant means, and of which variants a higher one runs the lower ones. */
const DEFAULT_LEVELS: Readonly<Record<string, number>> = { amd64: 1, arm: 7, arm64: 8 };
const BEYOND = 100;

/**
 * How far an image for `offered` is from what is wanted: 0 is the same, and the lowest number is the best choice. An
 * image for a lower variant of the same architecture runs too; who names no variant may be given any.
 * @returns undefined when it does not run there.
 */
export function rankPlatform(offered: Platform, wanted: Platform): number | undefined {
  if (offered.os !== wanted.os || offered.architecture !== wanted.architecture) return undefined;
  const [has, wants] = [levelOf(offered), levelOf(wanted)];
  if (has === undefined || wants === undefined) {
    if (offered.variant === wanted.variant) return 0;
    return offered.variant === undefined || wanted.variant === undefined ? 1 : undefined;
  }
  if (has <= wants) return wants - has;
  return wanted.variant === undefined ? BEYOND + has - wants : undefined;
}

function levelOf({ architecture, variant }: Platform): number | undefined {
  if (variant === undefined || variant === "") return DEFAULT_LEVELS[architecture];
  const level = /^v(\d+(?:\.\d+)?)$/.exec(variant)?.[1];
  return architecture in DEFAULT_LEVELS && level !== undefined ? Number(level) : undefined;
}
