import { copyFile, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join, posix } from "node:path";

import type { Context } from "../base/context.ts";
import { systemCode } from "../base/error.ts";
import type { CachedFile } from "./content-cache.ts";
import { SourceBuildError } from "./errors.ts";
import { parseLibraries } from "./libraries.ts";
import { runProgram } from "./run-program.ts";
import { keyOf, type SourceEnvironment, type SourceWay } from "./source-way.ts";
import type { CompileSource, MachineSource } from "./sources-file.ts";

const GCC_HINT = "Install a C compiler: apt-get install gcc libc6-dev";

/** One program of one C file, by the compiler of this machine. */
export async function compileWay(
  { source, flags, program }: CompileSource,
  environment: SourceEnvironment,
): Promise<SourceWay> {
  const { cache, directory } = environment;
  const path = join(directory, source);
  const key = keyOf("compile", environment.architecture, await readFile(path, "utf8"), flags);
  return {
    kind: "compile",
    key,
    async find() {
      const file = (await cache.findRecord(key))?.get("program");
      return file && new Map([[program, file]]);
    },
    async make(inner) {
      checkArchitecture(program, environment);
      const output = await cache.temporary();
      await runProgram(inner, ["gcc", ...flags, "-o", output, path], { installHint: GCC_HINT });
      const file = await cache.adopt(inner, output, true);
      await cache.putRecord(key, new Map([["program", file]]));
      return new Map([[program, file]]);
    },
  };
}

/** Files of this machine's packages, with the shared libraries that they need. They are taken anew every time. */
export function machineWay(source: MachineSource, environment: SourceEnvironment): SourceWay {
  return {
    kind: "machine",
    key: keyOf("machine", source),
    find: async () => undefined,
    async make(ctx) {
      checkArchitecture(Object.keys(source.files).join(", "), environment);
      const paths = new Map(Object.entries(source.files));
      for (const file of source.libraries === undefined ? [] : Object.values(source.files)) {
        const output = await runProgram(ctx, ["ldd", file], { installHint: hintOf(source) });
        for (const library of parseLibraries(output)) paths.set(posix.join(source.libraries ?? "", library), library);
      }
      const files = new Map<string, CachedFile>();
      for (const [path, file] of paths) files.set(path, await takeFile(ctx, file, { source, environment }));
      return files;
    },
  };
}

/** Small text files that the sources file itself holds. */
export function textWay(texts: Readonly<Record<string, readonly string[]>>, { cache }: SourceEnvironment): SourceWay {
  return {
    kind: "text",
    key: keyOf("text", texts),
    find: async () => undefined,
    async make(ctx) {
      const files = new Map<string, CachedFile>();
      for (const [path, lines] of Object.entries(texts)) {
        const temporary = await cache.temporary();
        await writeFile(temporary, lines.map((line) => `${line}\n`).join(""));
        files.set(path, await cache.adopt(ctx, temporary, false));
      }
      return files;
    },
  };
}

async function takeFile(
  ctx: Context,
  path: string,
  { source, environment }: { source: MachineSource; environment: SourceEnvironment },
): Promise<CachedFile> {
  const temporary = await environment.cache.temporary();
  try {
    const isProgram = ((await stat(path)).mode & 0o111) !== 0;
    await copyFile(path, temporary);
    return await environment.cache.adopt(ctx, temporary, isProgram);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw new SourceBuildError(`Cannot take "${path}" from this machine: there is no such file`, {
      hint: hintOf(source),
      cause: error,
    });
  }
}

function hintOf({ packages }: MachineSource): string {
  return `Install the packages: apt-get install ${packages.join(" ")}`;
}

function checkArchitecture(what: string, { architecture, machineArchitecture }: SourceEnvironment): void {
  if (architecture === machineArchitecture) return;
  throw new SourceBuildError(
    `Cannot make ${basename(what)} for ${architecture}: it comes from this machine, which is ${machineArchitecture}`,
    { hint: `Run on a machine with ${architecture}` },
  );
}
