import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

import { runProgram } from "./program.ts";

let root: string;
/** A registry that accepts every request and never answers. */
let silent: Server;
let silentName: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "cli-test-"));
  silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const address = silent.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  silentName = `127.0.0.1:${address.port}`;
});

afterAll(async () => {
  silent.closeAllConnections();
  silent.close();
  await rm(root, { recursive: true, force: true });
});

test("sealos writes results to stdout and errors with a hint to stderr", async () => {
  expect(await runProgram(["version", "--short"], { root })).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: "",
  });
  const failed = await runProgram(["inspect", "localhost/none"], { root });
  expect(failed).toMatchObject({ exitCode: 1, stdout: "" });
  expect(failed.stderr).toMatch(/^Error: Cannot find image "localhost\/none": .*\nHint: .*\n$/);
  expect(await runProgram(["imagse"], { root })).toMatchObject({ exitCode: 2 });
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s stops a transfer with exit code %d", async (signal, exitCode) => {
  const run = await runProgram(["pull", `${silentName}/web:v1`], {
    root,
    onProgress: (stderr, kill) => stderr.includes("web:v1 ...") && kill(signal),
  });
  expect(run.exitCode).toBe(exitCode);
  expect(run.stderr).toMatch(/(?:Interrupted|Terminated)\. Run the same command again to go on\.\n$/);
});

test("sealos ends quietly when its reader has seen enough", async () => {
  const program = join(import.meta.dirname, "../../../src/main.ts");
  const { stdout, stderr } = await promisify(execFile)("bash", [
    "-c",
    `set -o pipefail; "$0" "$1" images --help | head -1; exit "\${PIPESTATUS[0]}"`,
    process.execPath,
    program,
  ]);
  expect(stdout).toBe("List the images of the local store.\n");
  expect(stderr).toBe("");
});

test("sealos reads archives from stdin and says what is wrong with them", async () => {
  await writeFile(join(root, "garbage.tar"), "no archive");
  const run = await runProgram(["load", "-i", "-"], { root, input: "no archive" });
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toMatch(/^Error: Cannot /m);
  expect(await runProgram(["load", "-i", "garbage.tar"], { root })).toMatchObject({ exitCode: 1 });
});

test("--progress json writes events to stderr, one a line", async () => {
  const run = await runProgram(["load", "--progress", "json", "-i", "missing.tar"], { root });
  const [first] = run.stderr.split("\n");
  expect(JSON.parse(first ?? "")).toEqual({ type: "started", id: 1, title: "Load missing.tar" });
});
