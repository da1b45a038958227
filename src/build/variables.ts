import type { Platform } from "../oci/platform.ts";
import { renderPlatform } from "../oci/platform.ts";

/** What variables mean at one point of a stage. ENV wins over ARG. */
export interface Variables {
  /** Declared arguments; undefined when there is a declaration but no value. */
  readonly args: ReadonlyMap<string, string | undefined>;
  /** In the order of their first definition. */
  readonly env: ReadonlyMap<string, string>;
}

/** Where the values of arguments come from, first to last. */
export interface ArgumentSources {
  /** `--build-arg`. */
  readonly given: Readonly<Record<string, string>>;
  /** ARG before the first FROM. */
  readonly global: ReadonlyMap<string, string | undefined>;
  /** What a builder defines by itself. */
  readonly predefined: Readonly<Record<string, string>>;
}

export function lookUp({ args, env }: Variables, name: string): string | undefined {
  return env.get(name) ?? args.get(name);
}

/** Declares an argument. @param fallback its default, expanded; absent when none is written */
export function declareArgument(
  variables: Variables,
  { name, fallback }: { name: string; fallback: string | undefined },
  { given, global, predefined }: ArgumentSources,
): Variables {
  const value = ownValue(given, name) ?? fallback ?? global.get(name) ?? ownValue(predefined, name);
  return { ...variables, args: new Map(variables.args).set(name, value) };
}

/** https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope */
export function platformArguments(target: Platform, build: Platform): Readonly<Record<string, string>> {
  return {
    TARGETPLATFORM: renderPlatform(target),
    TARGETOS: target.os,
    TARGETARCH: target.architecture,
    TARGETVARIANT: target.variant ?? "",
    BUILDPLATFORM: renderPlatform(build),
    BUILDOS: build.os,
    BUILDARCH: build.architecture,
    BUILDVARIANT: build.variant ?? "",
  };
}

function ownValue(record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
