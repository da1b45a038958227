import { InputError, messageOf } from "../base/error.ts";
import type { Digest } from "./digest.ts";

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md. Unknown fields survive a round trip. */
export interface ImageConfig {
  readonly created?: string;
  readonly author?: string;
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
  readonly config?: ExecutionConfig;
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly Digest[] };
  readonly history?: readonly HistoryEntry[];
}

/** The `config` object: what a container would be started with; for cluster images, what is run on the hosts. */
export interface ExecutionConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  /** `NAME=value` each. */
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  /** Docker's extensions: https://github.com/moby/docker-image-spec/blob/v1.3.1/spec.md */
  readonly Healthcheck?: Healthcheck;
  readonly Shell?: readonly string[];
  readonly OnBuild?: readonly string[];
}

export interface Healthcheck {
  /** `NONE`, `CMD` with arguments or `CMD-SHELL` with a line. */
  readonly Test?: readonly string[];
  /** In nanoseconds, as the other times. */
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** `NAME=value` lines as an object; the last one of a name wins, a name alone has an empty value. */
export function toEnvironment(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const equals = entry.indexOf("=");
      return equals < 0 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
}

/** @throws {InputError} when the document is not an image configuration. */
export function parseImageConfig(content: Uint8Array): ImageConfig {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(content).toString("utf8"));
  } catch (error) {
    throw new InputError(`Cannot read an image configuration: ${messageOf(error)}`, { cause: error });
  }
  if (isImageConfig(document)) return document;
  throw new InputError("Cannot read an image configuration: os, architecture or rootfs is missing");
}

function isImageConfig(value: unknown): value is ImageConfig {
  if (typeof value !== "object" || value === null) return false;
  const { os, architecture, rootfs } = value as Partial<Record<string, unknown>>;
  return typeof os === "string" && typeof architecture === "string" && typeof rootfs === "object" && rootfs !== null;
}
