import { execFile, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

import { BASE, BASE_FILES } from "../build/run-scene.ts";
import { runProgram, type ProgramRun } from "./program.ts";

const MAIN = join(import.meta.dirname, "../../../src/main.ts");
/** `nobody`, who has a name and nothing else. */
const NOBODY = 65_534;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "build-run-test-"));
  chmodSync(root, 0o755);
  mkdirSync(join(root, "context"));
  copyFileSync("/bin/busybox", join(root, "context/busybox"));
  for (const [path, content] of Object.entries(BASE_FILES)) write(`context/${path}`, content);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** Builds an image whose last command gives something else each time that it is run. @returns its ID */
async function build(lines: string, ...flags: readonly string[]): Promise<string> {
  write("context/Kubefile", `${BASE}${lines}\n`);
  const { exitCode, stdout, stderr } = await runProgram(["build", "-q", ...flags, "context"], { root });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.trim();
}

const RANDOM = "cat /proc/sys/kernel/random/uuid > /random";

test("a command is not run again for the same layers below it, and is when anything that matters has changed", async () => {
  const id = await build(`RUN ${RANDOM}`);
  expect(await build(`RUN ${RANDOM}`)).toBe(id);
  expect(await build(`RUN ${RANDOM}`, "--build-arg", "HTTP_PROXY=http://proxy.example")).toBe(id);
  const others = [
    await build(`RUN ${RANDOM}`, "--no-cache"),
    await build(`RUN ${RANDOM} #`),
    await build(`ENV A=b\nRUN ${RANDOM}`),
    await build(`ARG A=b\nRUN ${RANDOM}`),
    await build(`ARG A=b\nRUN ${RANDOM}`, "--build-arg", "A=c"),
    await build(`WORKDIR /etc\nRUN ${RANDOM}`),
    await build(`USER 7\nRUN cat /proc/sys/kernel/random/uuid > /tmp`).catch(() => "not writable"),
    await build(`RUN --network=none ${RANDOM}`),
    await build(`RUN true\nRUN ${RANDOM}`),
    await build(`RUN ${RANDOM}`, "--shm-size", "1m"),
  ];
  expect(new Set([id, ...others]).size).toBe(1 + others.length);
}, 120_000);

test("a command counts what its mounts show, not when that was made, and secrets by name", async () => {
  write("context/data/file", "one");
  write("secret", "first");
  const bound = `RUN --mount=source=data,target=/data ${RANDOM}`;
  const id = await build(bound);
  utimesSync(join(root, "context/data/file"), 1000, 1000);
  expect(await build(bound)).toBe(id);
  write("context/data/file", "two");
  expect(await build(bound)).not.toBe(id);
  const secret = `RUN --mount=type=secret,id=token ${RANDOM}`;
  const known = await build(secret, "--secret", `id=token,src=${join(root, "secret")}`);
  write("secret", "second");
  expect(await build(secret, "--secret", `id=token,src=${join(root, "secret")}`)).toBe(known);
}, 120_000);

test("no command of an offline build has a network, whatever it asks for", async () => {
  const interfaces = "ls /sys/class/net";
  write("context/Kubefile", `${BASE}RUN --network=host test "$(${interfaces})" = lo\n`);
  expect(await runProgram(["build", "-q", "context"], { root })).toMatchObject({ exitCode: 1 });
  await build(`RUN --network=host test "$(${interfaces})" = lo`, "--offline");
});

test("what a command made comes from the cache of another machine", async () => {
  const id = await build(`RUN ${RANDOM}`, "--cache-to", "./cache");
  rmSync(join(root, "images"), { recursive: true });
  expect(await build(`RUN ${RANDOM}`, "--cache-from", "./cache")).toBe(id);
  rmSync(join(root, "images"), { recursive: true });
  expect(await build(`RUN ${RANDOM}`)).not.toBe(id);
}, 120_000);

interface Nobody {
  /** Lines of /etc/subuid and /etc/subgid. */
  readonly ranges: string;
  /** In a chroot, where the kernel gives nobody a user namespace. */
  readonly isCaged?: boolean;
}

/** Builds as a user without rights. */
async function buildAsNobody(lines: string, { ranges, isCaged = false }: Nobody): Promise<ProgramRun> {
  write("context/Kubefile", `${BASE}${lines}\n`);
  write("ranges", ranges);
  mkdirSync(join(root, "home"));
  chownSync(join(root, "home"), NOBODY, NOBODY);
  const script = `
for file in subuid subgid; do [ -e /etc/$file ] || : > /etc/$file; mount --bind ranges /etc/$file; done
mkdir -p all && mount --rbind / all
exec ${isCaged ? "chroot all" : ""} setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups \
  env -i PATH="$PATH" HOME=${root}/home SEALOS_STORE=${root}/home/store "$@"`;
  const build = [process.execPath, MAIN, "build", "-q", join(root, "context")];
  try {
    const argv = ["--mount", "sh", "-c", script, "sh", ...build];
    const { stdout, stderr } = await promisify(execFile)("unshare", argv, { cwd: root });
    return { exitCode: 0, stdout, stderr };
  } catch (error) {
    if (!(error instanceof Error && "stderr" in error && "code" in error)) throw error;
    return { exitCode: Number(error.code), stdout: "", stderr: String(error.stderr) };
  }
}

const OWNERS = "RUN mkdir -m 750 /home && echo x > /home/x && chown -R app:app /home && chmod 4755 /home/x";

test("a user without rights gets the image that root gets, with the numbers of /etc/subuid", async () => {
  const id = await build(OWNERS);
  expect(await buildAsNobody(OWNERS, { ranges: "nobody:100000:65536\n" })).toEqual({
    exitCode: 0,
    stdout: `${id}\n`,
    stderr: "",
  });
}, 60_000);

test("a user without such numbers runs commands that need no other user, and is told what others need", async () => {
  const id = await build("RUN echo x > /x");
  expect(await buildAsNobody("RUN echo x > /x", { ranges: "" })).toMatchObject({ exitCode: 0, stdout: `${id}\n` });
  rmSync(join(root, "home"), { recursive: true });
  const refused = await buildAsNobody(OWNERS, { ranges: "" });
  expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("chown: /home") });
  expect(refused.stderr).toContain(
    "Hint: Commands that need other users than root: give this user numbers in /etc/subuid",
  );
}, 60_000);

test.each(["SIGINT", "SIGKILL"] as const)("a command ends with the build that %s ends", async (signal) => {
  const seconds = signal === "SIGINT" ? "4545" : "4546";
  write("context/Kubefile", `${BASE}RUN echo be''gun; sleep ${seconds}\n`);
  let seen = "";
  const { exitCode } = await runProgram(["build", "--debug", "context"], {
    root,
    onProgress(text, kill) {
      seen += text;
      if (seen.includes("begun")) kill(signal);
    },
  });
  expect(exitCode).toBe(signal === "SIGINT" ? 130 : null);
  await expect.poll(() => spawnSync("pgrep", ["-f", `sleep ${seconds}$`]).status).toBe(1);
});

test.each(["unshare", "setpriv", "mount", "prlimit"])("%s is said to be missing", async (missing) => {
  write("context/Kubefile", `${BASE}RUN true\n`);
  mkdirSync(join(root, "bin"));
  const programs = ["cat", "env", "mkfifo", "mount", "prlimit", "rm", "setpriv", "sh", "tar", "unshare"];
  for (const name of programs.filter((each) => each !== missing)) {
    const found = ["/usr/bin", "/bin"].map((folder) => join(folder, name)).find((path) => existsSync(path));
    symlinkSync(found ?? name, join(root, "bin", name));
  }
  const run = await runProgram(["build", "-q", "context"], { root, env: { PATH: join(root, "bin") } });
  expect(run).toMatchObject({
    exitCode: 1,
    stderr: `Error: Cannot run commands: ${missing} is not installed\nHint: Install util-linux and mount\n`,
  });
});

test("a kernel that gives no namespaces is said to be the reason", async () => {
  expect(await buildAsNobody("RUN true", { ranges: "", isCaged: true })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(
      /Cannot run commands: this user gets no namespace: unshare: .*\nHint: Allow user namespaces \(sysctl /,
    ),
  });
}, 60_000);
