import { createHash } from "node:crypto";

import type { Context } from "../base/context.ts";
import type { CachedFile, ContentCache } from "./content-cache.ts";
import type { FetchPolicy } from "./fetch-file.ts";
import type { SourcesLock } from "./lock.ts";

/** Files of the cache by their paths in the payload. */
export type PayloadFiles = ReadonlyMap<string, CachedFile>;

export type WayKind = "release" | "module" | "compile" | "machine" | "text";

/** One way to get an artifact. */
export interface SourceWay {
  readonly kind: WayKind;
  /** Tells one job from all others: two processes do not do the same one at once. */
  readonly key: string;
  /** What an earlier run made, without asking anybody; undefined when something is missing. */
  find(ctx: Context): Promise<PayloadFiles | undefined>;
  make(ctx: Context): Promise<PayloadFiles>;
}

/** What all ways work with. */
export interface SourceEnvironment {
  readonly cache: ContentCache;
  /** Folder of the sources file. */
  readonly directory: string;
  readonly lock: SourcesLock;
  /** Of the payload, as images name it. */
  readonly architecture: string;
  /** Of this machine. */
  readonly machineArchitecture: string;
  /** Stands in for every host of a URL; see `mirroredUrl`. */
  readonly mirror: string | undefined;
  readonly fetchPolicy: FetchPolicy;
}

/** A name for a job: the same for the same inputs. */
export function keyOf(...inputs: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
}
