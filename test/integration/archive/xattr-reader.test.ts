import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

import { xattrPrograms } from "../../../src/archive/xattr-programs.ts";
import { XattrReader } from "../../../src/archive/xattr-reader.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();

function setXattr(path: string, name: string, value: string): void {
  execFileSync("python3", ["-c", "import os,sys; os.setxattr(*map(os.fsencode, sys.argv[1:4]))", path, name, value]);
}

function place(...parts: readonly string[]): string {
  return [realpathSync(temporary()), ...parts].join("/");
}

const PROGRAMS = xattrPrograms("x64").map((program) => [program.command, [program]] as const);

test.for(PROGRAMS)("XattrReader with %s tells what users have set, and capabilities", async ([, programs]) => {
  mkdirSync(place("folder"));
  for (const name of ["a", "b\nc", "none"]) writeFileSync(place("folder", name), "");
  setXattr(place("folder"), "user.folder", "f");
  setXattr(place("folder/a"), "user.one", "1");
  setXattr(place("folder/a"), "trusted.secret", "no");
  setXattr(place("folder/a"), "user.overlay.opaque", "y");
  setXattr(place("folder/b\nc"), "user.empty", "");
  execFileSync("setcap", ["cap_net_raw+ep", place("folder/a")]);
  await using reader = new XattrReader(programs);
  const paths = ["folder", "folder/a", "folder/none", "folder/b\nc", "folder/missing", "missing/a"];
  for (let round = 0; round < 2; round++) {
    const found = await reader.read(
      ctx,
      paths.map((path) => place(path)),
    );
    expect(found).toEqual(
      new Map([
        [place("folder"), { "user.folder": Buffer.from("f") }],
        [
          place("folder/a"),
          {
            "user.one": Buffer.from("1"),
            "security.capability": Buffer.from("0100000200200000000000000000000000000000", "hex"),
          },
        ],
        [place("folder/b\nc"), { "user.empty": Buffer.alloc(0) }],
      ]),
    );
  }
});

test.for(PROGRAMS)("XattrReader with %s follows no link, neither to a file nor on the way", async ([, programs]) => {
  mkdirSync(place("outside"));
  writeFileSync(place("outside/file"), "");
  setXattr(place("outside"), "user.secret", "1");
  setXattr(place("outside/file"), "user.secret", "1");
  symlinkSync("outside", place("folder"));
  symlinkSync("outside/file", place("file"));
  await using reader = new XattrReader(programs);
  expect(await reader.read(ctx, [place("folder/file"), place("file"), place("folder")])).toEqual(new Map());
});

test("XattrReader has no answer on a machine without a program that knows", async () => {
  await using reader = new XattrReader([{ command: "no-such-program", arguments: [] }]);
  expect(await reader.read(ctx, ["/etc"])).toBeUndefined();
  expect(await reader.read(ctx, [])).toEqual(new Map());
});

test("XattrReader gives each of many questions its own answer, and ends when it is cancelled", async () => {
  const paths = Array.from({ length: 2000 }, (_, index) => place(`file-${index}`));
  for (const path of paths) writeFileSync(path, "");
  setXattr(place("file-1999"), "user.last", "1");
  await using reader = new XattrReader();
  const answers = await Promise.all([reader.read(ctx, paths), reader.read(ctx, paths.slice(0, 5))]);
  expect(answers.map((answer) => answer?.size)).toEqual([1, 0]);
  const controller = new AbortController();
  const cancelled = reader.read({ ...ctx, signal: controller.signal }, paths);
  controller.abort();
  await expect(cancelled).rejects.toThrow("aborted");
});
