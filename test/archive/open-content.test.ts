import { closeSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

import { openContent } from "../../src/archive/open-content.ts";
import type { FileContent } from "../../src/archive/tar-entry.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const temporary = useTemporaryFolder();

/** A file that a build context has found. */
function foundFile(): FileContent {
  mkdirSync(temporary("a/b"), { recursive: true });
  writeFileSync(temporary("a/b/file"), "inside");
  const path = realpathSync(temporary("a/b/file"));
  const { size, ino, dev } = lstatSync(path);
  return { path, offset: 0, length: size, inode: ino, deviceId: dev };
}

test("openContent() opens what was found", () => {
  const { descriptor, stats } = openContent(foundFile());
  closeSync(descriptor);
  expect(stats.size).toBe(6);
});

test.for<[change: string, apply: () => void, message: string]>([
  ["a link in its place", () => replace("a/b/file", "../../outside/b/file"), "a link has taken its place"],
  ["a link in the place of its folder", () => replace("a/b", "../outside/b"), 'its folder is now in "'],
  ["a link in the place of a folder above", () => replace("a", "outside"), 'its folder is now in "'],
  ["nothing", () => rmSync(temporary("a/b/file")), "it is not there any more"],
  ["a folder that is gone", () => rmSync(temporary("a"), { recursive: true }), "it is not there any more"],
  ["a file for its folder", fileForFolder, "its folder is not there any more"],
  ["another file", anotherFile, "another file has taken its place"],
  ["a fifo", fifo, "it is not a regular file any more"],
  ["less", () => writeFileSync(temporary("a/b/file"), "in"), "expected at least 6 bytes, found 2"],
])("openContent() refuses %s", ([, apply, message]) => {
  mkdirSync(temporary("outside/b"), { recursive: true });
  writeFileSync(temporary("outside/b/file"), "secret");
  const content = foundFile();
  apply();
  expect(() => openContent(content)).toThrow(`Cannot read "${content.path}": ${message}`);
});

test("openContent() names a file as the user knows it when it cannot be opened", () => {
  const content = foundFile();
  const path = `${content.path.slice(0, -4)}${"x".repeat(300)}`;
  expect(() => openContent({ ...content, path })).toThrow(`Cannot read "${path}": ENAMETOOLONG: name too long`);
});

function replace(path: string, target: string): void {
  renameSync(temporary(path), temporary("moved"));
  symlinkSync(target, temporary(path));
}

function fileForFolder(): void {
  rmSync(temporary("a/b"), { recursive: true });
  writeFileSync(temporary("a/b"), "");
}

function anotherFile(): void {
  writeFileSync(temporary("other"), "inside");
  renameSync(temporary("other"), temporary("a/b/file"));
}

function fifo(): void {
  rmSync(temporary("a/b/file"));
  execFileSync("mkfifo", [temporary("a/b/file")]);
}
