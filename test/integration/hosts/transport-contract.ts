import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { backgroundContext, type Context } from "../../../src/base/context.ts";
import { Progress, type ProgressEvent } from "../../../src/base/progress.ts";
import { command, shell } from "../../../src/hosts/command.ts";
import { Secret } from "../../../src/base/secret.ts";
import type { Transport } from "../../../src/hosts/transport.ts";
import { commandLines, until } from "./processes.ts";

const MEGABYTE = 1024 * 1024;

function recordingContext(signal: AbortSignal): { readonly ctx: Context; readonly lines: string[] } {
  const lines: string[] = [];
  const listener = (event: ProgressEvent): void => {
    if (event.type === "output") lines.push(event.line);
  };
  return { ctx: { signal, progress: Progress.root(listener, () => 0).start("test") }, lines };
}

function isRunning(words: string): boolean {
  return commandLines().some(({ text }) => text === words);
}

/** What `sha256sum` prints of its input. */
function sumOf(bytes: Uint8Array): string {
  return `${createHash("sha256").update(bytes).digest("hex")}  -\n`;
}

async function* broken(): AsyncIterable<Uint8Array> {
  yield Buffer.from("start");
  throw new Error("the disk is gone");
}

async function* endless(): AsyncIterable<Uint8Array> {
  const chunk = Buffer.alloc(MEGABYTE);
  for (;;) yield chunk;
}

/** What every transport promises, proven on a machine that is this one. */
export function describeTransport(name: string, open: () => Promise<Transport>): void {
  describe(name, () => {
    const ctx = backgroundContext();
    let transport: Transport;
    let folder: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "transport-test-"));
      transport = await open();
    });
    afterAll(async () => {
      await transport?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test("query() runs as root", async () => {
      expect(await transport.query(ctx, command(["id", "-u"]))).toEqual({ stdout: "0\n", stderr: "", exitCode: 0 });
    });

    test("query() hands over every argument as it is", async () => {
      const nasty = [
        "",
        " ",
        "a'b",
        '"',
        "$HOME",
        "`id`",
        "\\",
        "*",
        "!!",
        "\n",
        "-n",
        "~",
        "é😀",
        "a\tb",
        "#",
        "'\\''",
      ];
      const { stdout } = await transport.query(ctx, command(["printf", "%s\\0", ...nasty]));
      expect(stdout.split("\0").slice(0, -1)).toEqual(nasty);
    });

    test("query() sets environment and working directory", async () => {
      const env = { PLAIN: "a 'b' $c", TOKEN: new Secret("x\ny") };
      const { stdout } = await transport.query(
        ctx,
        shell('printf "%s|" "$PWD" "$PLAIN" "$TOKEN"', [], { env, cwd: "/usr" }),
      );
      expect(stdout).toBe("/usr|a 'b' $c|x\ny|");
    });

    test("query() gives no input unless the command has one", async () => {
      expect((await transport.query(ctx, command(["cat"]))).stdout).toBe("");
      expect((await transport.query(ctx, command(["cat"], { stdin: "a\n'b'\0c" }))).stdout).toBe("a\n'b'\0c");
      expect((await transport.query(ctx, command(["cat"], { stdin: new Secret("s") }))).stdout).toBe("s");
    });

    test("query() keeps stdout and stderr apart", async () => {
      const result = await transport.query(ctx, shell("echo out; echo err >&2; echo out; printf end >&2"));
      expect(result).toEqual({ stdout: "out\nout\n", stderr: "err\nend", exitCode: 0 });
    });

    test.each([1, 3, 126, 255])("query() fails with the command's exit code %i", async (exitCode) => {
      const failing = shell('echo reason >&2; exit "$1"', [String(exitCode)]);
      const failure = { exitCode, stderr: "reason\n" };
      await expect(transport.query(ctx, failing)).rejects.toMatchObject({ code: "REMOTE_COMMAND_FAILED", failure });
    });

    test("query() answers with exit codes that are allowed", async () => {
      const { exitCode } = await transport.query(ctx, shell("exit 255", [], { allowedExitCodes: [0, 255] }));
      expect(exitCode).toBe(255);
    });

    test("query() says 127 when there is no such program, and fails in a folder that is not there", async () => {
      const missing = transport.query(ctx, command(["no-such-program"]));
      await expect(missing).rejects.toMatchObject({ failure: { exitCode: 127 } });
      await expect(transport.query(ctx, command(["true"], { cwd: "/no/such" }))).rejects.toMatchObject({
        code: "REMOTE_COMMAND_FAILED",
      });
    });

    test("query() refuses an answer of more than 16 MiB", async () => {
      const huge = transport.query(ctx, command(["head", "-c", String(17 * MEGABYTE), "/dev/zero"]));
      await expect(huge).rejects.toThrow("wrote more than 16777216 bytes");
    });

    test("query() runs many commands at once", async () => {
      const numbers = Array.from({ length: 30 }, (_, index) => String(index));
      const results = await Promise.all(numbers.map((number) => transport.query(ctx, command(["echo", number]))));
      expect(results.map(({ stdout }) => stdout.trim())).toEqual(numbers);
    });

    test("run() reports each line, also a last one without line break", async () => {
      const { ctx: recording, lines } = recordingContext(ctx.signal);
      await transport.run(recording, shell("echo one; printf 'é\\r\\n'; printf last"));
      expect(lines).toEqual(["one", "é", "last"]);
    });

    test("run() does not show what it uses itself to tell exit codes apart", async () => {
      const { ctx: recording, lines } = recordingContext(ctx.signal);
      const result = await transport.run(recording, shell("printf x >&2; exit 255", [], { allowedExitCodes: [255] }));
      expect([lines, result.stderr]).toEqual([["x"], "x"]);
    });

    test("run() keeps the end of a big output", async () => {
      const { stdout } = await transport.run(ctx, shell("head -c 50000000 /dev/zero | tr '\\0' x; printf end"));
      expect([stdout.length, stdout.slice(-5)]).toEqual([MEGABYTE, "xxend"]);
    });

    test("run() ends the command and what it started when cancelled", async () => {
      const abort = new AbortController();
      const running = transport.run({ ...ctx, signal: abort.signal }, shell("sleep 7171 & sleep 7172"));
      await until(() => isRunning("sleep 7171") && isRunning("sleep 7172"));
      abort.abort(new Error("enough"));
      await expect(running).rejects.toThrow("enough");
      await until(() => !isRunning("sleep 7171") && !isRunning("sleep 7172"));
    });

    test("run() returns soon when a cancelled command does not want to end, and ends it by force", async () => {
      const abort = new AbortController();
      const stubborn = shell("trap '' TERM; while :; do sleep 7173; done");
      const running = transport.run({ ...ctx, signal: abort.signal }, stubborn);
      await until(() => isRunning("sleep 7173"));
      const start = performance.now();
      abort.abort(new Error("enough"));
      await expect(running).rejects.toThrow("enough");
      expect(performance.now() - start).toBeLessThan(5000);
      await until(() => !isRunning("sleep 7173"), 15_000);
    });

    test("run() ends the command after its time and says so", async () => {
      const slow = shell("echo started >&2; sleep 7174", [], { timeoutMs: 500 });
      await expect(transport.run(ctx, slow)).rejects.toThrow("ended because it took more than 500 ms");
      await until(() => !isRunning("sleep 7174"));
    });

    test("run() does nothing when cancelled before", async () => {
      const marker = join(folder, "never");
      const cancelled = { ...ctx, signal: AbortSignal.abort(new Error("before")) };
      await expect(transport.run(cancelled, command(["touch", marker]))).rejects.toThrow("before");
      await expect(stat(marker)).rejects.toThrow("ENOENT");
    });

    test("query() and run() keep secrets out of every process's arguments", async () => {
      const canary = randomBytes(8).toString("hex");
      const env = { TOKEN: new Secret(`env-${canary}`) };
      const stdin = new Secret(`stdin-${canary}`);
      const abort = new AbortController();
      const running = transport.run({ ...ctx, signal: abort.signal }, shell("cat; sleep 7175", [], { env, stdin }));
      await until(() => isRunning("sleep 7175"));
      const leaks = commandLines().filter(({ text }) => text.includes(canary));
      abort.abort(new Error("enough"));
      await expect(running).rejects.toThrow("enough");
      expect(leaks).toEqual([]);
    });

    test("putFile() writes content, mode and missing folders", async () => {
      const path = join(folder, "new folder/it's $here");
      await transport.putFile(ctx, { path, content: new Uint8Array([0, 255, 10, 13]), mode: 0o600 });
      const { mode, uid } = await stat(path);
      expect([[...(await readFile(path))], mode & 0o7777, uid]).toEqual([[0, 255, 10, 13], 0o600, 0]);
      expect((await stat(join(folder, "new folder"))).mode & 0o777).toBe(0o755);
    });

    test("putFile() replaces a file whole and sets its mode anew", async () => {
      const path = join(folder, "replaced");
      await writeFile(path, "a longer old content", { mode: 0o600 });
      await transport.putFile(ctx, { path, content: new Secret("new") });
      expect([await readFile(path, "utf8"), (await stat(path)).mode & 0o777]).toEqual(["new", 0o644]);
    });

    test("putFile() refuses to replace a folder", async () => {
      await expect(transport.putFile(ctx, { path: folder, content: "" })).rejects.toThrow("is a directory");
    });

    test("putFile() writes 8 MB", async () => {
      const content = randomBytes(8_000_000);
      await transport.putFile(ctx, { path: join(folder, "big"), content });
      expect(content.equals(await readFile(join(folder, "big")))).toBe(true);
    });

    describe("send()", () => {
      const content = randomBytes(64 * MEGABYTE + 12_345);
      let path: string;

      beforeAll(async () => {
        path = join(folder, "content");
        await writeFile(path, content);
      });

      test.each([
        ["a whole file", 0, content.length],
        ["the start of a file", 0, 5_000_000],
        ["the end of a file", 1, content.length - 1],
        ["a middle of a file", 1_234_567, 45_678_901],
        ["one byte", 99, 1],
        ["nothing", 99, 0],
      ])("send() hands over %s", async (_, offset, length) => {
        const reports: number[] = [];
        const range = { path, offset, length };
        const { stdout } = await transport.send(ctx, command(["sha256sum"]), range, (size) => reports.push(size));
        expect([stdout, reports.at(-1) ?? 0]).toEqual([sumOf(content.subarray(offset, offset + length)), length]);
      });

      test("send() hands over a whole file to a command with an environment", async () => {
        const sum = shell('echo "$TOKEN"; sha256sum', [], { env: { TOKEN: new Secret("t") } });
        const { stdout } = await transport.send(ctx, sum, { path, offset: 0, length: content.length });
        expect(stdout).toBe(`t\n${sumOf(content)}`);
      });

      test("send() hands over a stream", async () => {
        async function* pieces(): AsyncIterable<Uint8Array> {
          for (let start = 0; start < content.length; start += 777_777) yield content.subarray(start, start + 777_777);
        }
        const reports: number[] = [];
        const { stdout } = await transport.send(ctx, command(["sha256sum"]), pieces(), (size) => reports.push(size));
        expect([stdout, reports.at(-1)]).toEqual([sumOf(content), content.length]);
      });

      test("send() refuses a range beyond the file's end", async () => {
        const beyond = transport.send(ctx, command(["cat"]), { path, offset: 1, length: content.length });
        await expect(beyond).rejects.toMatchObject({ code: "INVALID_INPUT" });
      });

      test("send() fails with the error of the stream and ends the command", async () => {
        await expect(transport.send(ctx, shell("cat >/dev/null; sleep 1"), broken())).rejects.toThrow(
          "the disk is gone",
        );
      });

      test("send() fails with the command's exit code when it does not read to the end", async () => {
        const picky = shell("head -c 10 >/dev/null; echo full >&2; exit 9");
        const whole = { path, offset: 0, length: content.length };
        await expect(transport.send(ctx, picky, whole)).rejects.toMatchObject({ failure: { exitCode: 9 } });
        await expect(transport.send(ctx, picky, endless())).rejects.toMatchObject({ failure: { exitCode: 9 } });
      });

      test("send() stops when cancelled", async () => {
        const abort = new AbortController();
        const sending = transport.send({ ...ctx, signal: abort.signal }, shell("cat >/dev/null"), endless(), (size) => {
          if (size > 100 * MEGABYTE) abort.abort(new Error("enough"));
        });
        await expect(sending).rejects.toThrow("enough");
      });
    });
  });
}
