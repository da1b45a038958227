import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";

import type { Context } from "../base/context.ts";
import { InputError } from "../base/error.ts";
import { runProgram } from "./run-program.ts";
import { renderGoMod, stagingModules } from "./go-mod.ts";
import type { ModuleSource } from "./sources-file.ts";

const INSTALL_HINT = "Install Go: https://go.dev/dl";
const DOWNLOAD = v.object({ GoMod: v.string() });

/**
 * Makes go.mod and go.sum for the programs of a module source: the versions are those that its modules ask for.
 * Needs a Go module proxy. Nothing is left behind when it fails.
 */
export async function makeModule(ctx: Context, module: ModuleSource, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  try {
    await writeFile(join(directory, "go.mod"), await initialGoMod(ctx, module));
    const cgo = module.cgo ? "1" : "0";
    // With staging modules, go.mod names all that there is to choose already.
    if (module.staging === undefined) await runGo(ctx, ["get", "-C", directory, ...requiredPackages(module)], cgo);
    // Tags and cgo decide which packages a program consists of, and go.sum must know the modules of all of them.
    const packages = Object.values(module.programs);
    await runGo(ctx, ["list", "-C", directory, "-mod=mod", "-deps", ...module.flags, ...packages], cgo);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** `PACKAGE@VERSION` for every program. @throws {InputError} when a requirement has none. */
function requiredPackages(module: ModuleSource): string[] {
  return module.require.flatMap((requirement) => {
    const { path, version } = parseRequirement(requirement);
    const packages = Object.values(module.programs).filter((name) => name === path || name.startsWith(`${path}/`));
    if (packages.length === 0) throw new InputError(`Cannot lock "${requirement}": none of the programs is in it`);
    return packages.map((name) => `${name}@${version}`);
  });
}

function parseRequirement(requirement: string): { readonly path: string; readonly version: string } {
  const [path = "", version] = requirement.split("@");
  if (version === undefined) throw new InputError(`Cannot lock "${requirement}": expected MODULE@VERSION`);
  return { path, version };
}

async function initialGoMod(ctx: Context, { require: requirements, staging }: ModuleSource): Promise<string> {
  const first = requirements[0] ?? "";
  if (staging === undefined) return renderGoMod({ require: [], replace: [] });
  const download = await runProgram(ctx, ["go", "mod", "download", "-json", first], { installHint: INSTALL_HINT });
  const goMod = await readFile(v.parse(DOWNLOAD, JSON.parse(download)).GoMod, "utf8");
  const replace = stagingModules(goMod).map((path) => ({ path, version: staging }));
  return renderGoMod({ require: requirements.map(parseRequirement), replace, settings: goMod });
}

async function runGo(ctx: Context, args: readonly string[], cgo: string): Promise<void> {
  const env = { CGO_ENABLED: cgo, GOFLAGS: "", GOWORK: "off" };
  await runProgram(ctx, ["go", ...args], { env, installHint: INSTALL_HINT });
}
