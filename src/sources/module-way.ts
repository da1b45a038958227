import { readFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import type { Context } from "../base/context.ts";
import { writing } from "../base/disk-error.ts";
import { InputError, systemCode } from "../base/error.ts";
import { IntegrityError } from "../oci/errors.ts";
import type { CachedFile } from "./content-cache.ts";
import { SourceBuildError } from "./errors.ts";
import { hasFlags, programsKey } from "./lock.ts";
import { programName } from "./program-name.ts";
import { runProgram, type Argv } from "./run-program.ts";
import { keyOf, type PayloadFiles, type SourceEnvironment, type SourceWay } from "./source-way.ts";
import type { ModuleSource } from "./sources-file.ts";

const GO_HINT = "Install Go (https://go.dev/dl) of the version that go.mod names or newer";
const GCC_HINT = "Install a C compiler: apt-get install gcc libc6-dev libseccomp-dev pkg-config";

/** Programs built from Go modules: go.sum fixes every source file, the key of the cache everything else. */
export async function moduleWay(
  ctx: Context,
  module: ModuleSource,
  environment: SourceEnvironment,
): Promise<SourceWay> {
  const keys = await programKeys(ctx, module, environment);
  return {
    kind: "module",
    key: keyOf([...keys.values()]),
    find: () => findPrograms(keys, environment),
    make: (inner) => buildPrograms(inner, module, { keys, environment }),
  };
}

/** Key of each program's job, by its path in the payload. */
async function programKeys(
  ctx: Context,
  module: ModuleSource,
  { directory, architecture }: SourceEnvironment,
): Promise<ReadonlyMap<string, string>> {
  const { goMod, goSum } = await readModuleFiles(join(directory, module.directory));
  const tools = [await findGoVersion(ctx), module.cgo ? await findCompilerVersion(ctx) : ""];
  return new Map(
    Object.entries(module.programs).map(([path, goPackage]) => [
      path,
      keyOf("module", tools, architecture, goMod, goSum, module.flags, goPackage),
    ]),
  );
}

/** @throws {InputError} when the module was never locked. */
export async function readModuleFiles(directory: string): Promise<{ readonly goMod: string; readonly goSum: string }> {
  try {
    const goMod = await readFile(join(directory, "go.mod"), "utf8");
    return { goMod, goSum: await readFile(join(directory, "go.sum"), "utf8") };
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw new InputError(`Cannot build from "${directory}": go.mod or go.sum is missing`, {
      cause: error,
      hint: "Run `sealos sources lock` to make them",
    });
  }
}

/** `go1.26.8`; empty when Go is not installed, so that what the cache has can be used without it. */
export async function findGoVersion(ctx: Context): Promise<string> {
  return findOutput(ctx, ["go", "env", "GOVERSION"]);
}

function findCompilerVersion(ctx: Context): Promise<string> {
  return findOutput(ctx, ["gcc", "-dumpfullversion"]);
}

async function findOutput(ctx: Context, argv: Argv): Promise<string> {
  try {
    return (await runProgram(ctx, argv, { installHint: "" })).trim();
  } catch (error) {
    if (error instanceof SourceBuildError) return "";
    throw error;
  }
}

async function findPrograms(
  keys: ReadonlyMap<string, string>,
  { cache }: SourceEnvironment,
): Promise<PayloadFiles | undefined> {
  const files = new Map<string, CachedFile>();
  for (const [path, key] of keys) {
    const file = (await cache.findRecord(key))?.get("program");
    if (!file) return undefined;
    files.set(path, file);
  }
  return files;
}

interface Build {
  readonly keys: ReadonlyMap<string, string>;
  readonly environment: SourceEnvironment;
}

/** One `go build` for all programs that are missing: it reads the module once and uses all cores. */
async function buildPrograms(ctx: Context, module: ModuleSource, build: Build): Promise<PayloadFiles> {
  const { cache } = build.environment;
  const files = new Map<string, CachedFile>();
  const missing = new Map<string, string>();
  for (const [path, goPackage] of Object.entries(module.programs)) {
    const file = (await cache.findRecord(build.keys.get(path) ?? ""))?.get("program");
    if (file) files.set(path, file);
    else missing.set(path, goPackage);
  }
  const output = await cache.temporary();
  try {
    await mkdir(output);
    await writing(output, () => goBuild(ctx, module, { output, packages: [...missing.values()], build }));
    for (const [path, goPackage] of missing) {
      const file = await cache.adopt(ctx, join(output, programName(goPackage)), true);
      await checkLocked(ctx, module, { path, file, environment: build.environment });
      await cache.putRecord(build.keys.get(path) ?? "", new Map([["program", file]]));
      files.set(path, file);
    }
  } finally {
    await rm(output, { recursive: true, force: true });
  }
  return files;
}

async function goBuild(
  ctx: Context,
  module: ModuleSource,
  { output, packages, build }: { output: string; packages: readonly string[]; build: Build },
): Promise<void> {
  const { directory, architecture, machineArchitecture } = build.environment;
  if (module.cgo && architecture !== machineArchitecture) {
    throw new SourceBuildError(
      `Cannot build ${packages.join(", ")} for ${architecture}: it needs C, and this machine is ${machineArchitecture}`,
      { hint: `Run on a machine with ${architecture}, or use --kind release` },
    );
  }
  if (module.cgo) await runProgram(ctx, ["gcc", "--version"], { installHint: GCC_HINT });
  const location = ["-C", join(directory, module.directory)];
  const fixed = ["-mod=readonly", "-buildvcs=false", "-trimpath", "-v"];
  const argv: Argv = ["go", "build", ...location, ...fixed, ...module.flags, "-o", `${output}/`, ...packages];
  const env = {
    CGO_ENABLED: module.cgo ? "1" : "0",
    GOARCH: architecture,
    GOFLAGS: "", // the user's own must not decide what comes out
    GOOS: "linux",
    GOWORK: "off",
  };
  await runProgram(ctx, argv, { env, installHint: GO_HINT });
}

interface BuiltProgram {
  readonly path: string;
  readonly file: CachedFile;
  readonly environment: SourceEnvironment;
}

/** A Go program without C is reproducible: where the lock knows its hash, it must come out. */
async function checkLocked(
  ctx: Context,
  module: ModuleSource,
  { path, file, environment }: BuiltProgram,
): Promise<void> {
  const key = programsKey(environment.architecture, await findGoVersion(ctx));
  const locked = environment.lock.modules[module.directory];
  const expected = locked && hasFlags(locked, module.flags) ? locked.programs[key]?.[path] : undefined;
  if (module.cgo || expected === undefined || expected === file.sha256) return;
  throw new IntegrityError(`Cannot use "${path}": expected sha256 ${expected} of ${key}, built ${file.sha256}`, {
    hint: "Compare go.mod, go.sum and the flags with the version of the lock; `sealos sources lock` accepts new ones",
  });
}
