import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

import { bytesOf } from "../../../src/base/bytes.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { ImageStore } from "../../../src/store/image-store.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();
const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

test("a process that is killed while it pushes leaves nothing, once the store is opened again", async () => {
  const child = work("hang");
  expect(await firstLine(child)).toBe("hanging");
  expect(readdirSync(temporary("store/tmp")).length).toBe(1);
  await kill(child);
  const store = await ImageStore.open(ctx, temporary("store"));
  expect(readdirSync(temporary("store/tmp"))).toEqual([]);
  expect(readdirSync(temporary("store/blobs/sha256"))).toEqual([]);
  expect(await store.list(ctx)).toEqual([]);
});

test("prune() keeps what another process uses until that process is gone", async () => {
  const store = await ImageStore.open(ctx, temporary("store"));
  const descriptor = { mediaType: "text/plain", digest: digestOf("layer"), size: 5 };
  await store.push(ctx, descriptor, bytesOf("layer"));
  const child = work("use", "layer");
  expect(await firstLine(child)).toBe("using");
  expect((await store.prune(ctx)).removed).toEqual([]);
  await kill(child);
  expect((await store.prune(ctx)).removed).toEqual([descriptor.digest]);
});

test("processes that name images at the same time lose none of their names", async () => {
  const ended = ["one", "two", "three"].map((name) => once(work("tag", name), "exit"));
  await Promise.all(ended);
  const images = await (await ImageStore.open(ctx, temporary("store"))).list(ctx);
  expect(images.flatMap(({ names }) => names).length).toBe(60);
});

test.each([
  ["push", "fill", "tmp"],
  ["receive", "fillSlowly", "cache/partial"],
])("%s() says that the disk is full and leaves nothing half done", async (_, task, folder) => {
  mkdirSync(temporary("small"));
  const script = `mount -t tmpfs -o size=2m tmpfs "$1" && "$2" "$3" "$1/store" ${task} && ls "$1/store/${folder}" "$1/store/blobs/sha256"`;
  const words = ["-rm", "sh", "-c", script, "sh", temporary("small"), process.execPath, WORKER];
  const child = start("unshare", words);
  const [failure, ...listing] = await allLines(child);
  expect(failure).toContain(`DISK_FULL Cannot write "${temporary("small/store", folder)}`);
  const folders = [temporary("small/store/blobs/sha256"), temporary("small/store", folder)];
  expect(listing).toEqual([`${folders[0]}:`, "", `${folders[1]}:`]);
});

function work(task: string, argument = ""): ChildProcess {
  return start(process.execPath, [WORKER, temporary("store"), task, argument]);
}

function start(program: string, words: readonly string[]): ChildProcess {
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  return child;
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  for await (const line of linesOf(child)) return line;
  return undefined;
}

async function allLines(child: ChildProcess): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(child)) lines.push(line);
  return lines;
}

function linesOf({ stdout }: ChildProcess): AsyncIterable<string> {
  if (!stdout) throw new Error("The process has no output");
  return createInterface(stdout);
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
