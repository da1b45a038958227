import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { parseDigest } from "../../../src/oci/digest.ts";
import { Oracle } from "./buildah-oracle.ts";
import type { BuildScene } from "./build-scene.ts";
import { BASE, builtLayers, listLayer, runScene } from "./run-scene.ts";

let scene: BuildScene;

beforeAll(() => {
  scene = runScene({ "data/a": "1", "data/sub/b": "2", "data/tool": "tool" });
  execFileSync("setcap", ["cap_net_raw+ep", join(scene.contextDirectory, "data/tool")]);
});

afterAll(() => scene[Symbol.asyncDispose]());

/** What the oracle leaves behind for its own mounts. */
const LEFT_BEHIND =
  /^[-d]\S+ 0\/0 \d+ (\.\/)?(dev|proc|sys|run|run\/\.containerenv|etc\/(hosts|resolv\.conf|hostname))\/?$/;

/**
 * The members of the oracle's last layer. It lists folders whose times have changed as well; those that are the same in
 * the layers below are left out.
 */
function expectedOf(kubefile: string): readonly string[] {
  const layers = new Oracle(scene.folder).layers(kubefile, scene.contextDirectory);
  const below = new Set(
    layers
      .slice(0, -1)
      .flatMap((layer) => listLayer(layer))
      .filter((line) => line.startsWith("d")),
  );
  const last = listLayer(layers.at(-1) ?? "").filter((line) => !LEFT_BEHIND.test(line) && !below.has(line));
  return last.map((line) => (line.includes(".wh.") ? line.replace(/^\S+/, "-rw-------") : line)).sort();
}

test.each([
  ["files and folders", "echo hi > /f; mkdir -p /d/e; echo x > /d/e/x; chmod 640 /f; chmod 700 /d"],
  ["owners and set-id bits", "echo x > /f; chown 5:6 /f; mkdir -m 1777 /t; cp /bin/busybox /su; chmod 4755 /su"],
  ["links and pipes", "ln -s /nowhere /l; ln -s busybox /bin/bb; mkfifo -m 600 /p"],
  ["changes of what is there", "echo more >> /data/a; chmod 600 /data/sub/b; chown 1000 /data/sub"],
  ["removals", "rm /data/a; rm -r /data/sub"],
  ["a folder that is made again", "rm -r /data/sub; mkdir /data/sub; echo new > /data/sub/c"],
  ["a file in the place of a folder", "rm -r /data/sub; echo file > /data/sub"],
  ["a folder in the place of a file", "rm /data/a; mkdir /data/a; echo x > /data/a/b"],
  ["hard links", "echo x > /h; ln /h /i; ln /h /data/j"],
  ["file capabilities of what is there", "chmod 700 /data/tool"],
  ["a moved folder", "mv /data/sub /data/moved"],
  ["a link in the place of a folder", "rm -r /data/sub; ln -s a /data/sub"],
  ["a folder that is made again in a folder that is", "rm -r /data; mkdir -p /data/sub; echo x > /data/sub/c"],
  ["odd names", "touch '/a b' '/-c' '/\u00e4' \"$(printf '/x\\ty')\""],
  ["what is gone again", "echo x > /f; rm /f; mkdir /g; rmdir /g"],
])("RUN makes the layer that buildah makes of %s", async (_, command) => {
  const kubefile = `${BASE}COPY data /data\nRUN ${command}\n`;
  const layers = await builtLayers(scene, kubefile);
  expect([...listLayer(layers.at(-1) ?? "")].sort()).toEqual(expectedOf(kubefile));
});

test("RUN keeps hard links to files of the layers below, and makes devices when it may", async () => {
  scene.commands = { capabilities: { added: ["mknod"], dropped: [] } };
  const kubefile = `${BASE}COPY data /data\nRUN ln /data/a /data/z; mknod /n c 1 3; mknod -m 660 /b b 7 1\n`;
  const layers = await builtLayers(scene, kubefile);
  scene.commands = {};
  expect(listLayer(layers.at(-1) ?? "")).toEqual([
    "brw-rw---- 0/0 7,1 b",
    "-rw-r--r-- 0/0 1 data/a",
    "hrw-r--r-- 0/0 0 data/z link to data/a",
    "crw-r--r-- 0/0 1,3 n",
  ]);
});

/** What the last command wrote. */
function outputIn(layers: readonly string[]): string {
  return execFileSync("tar", ["--wildcards", "-xOf", layers.at(-1) ?? "", "*out"], { encoding: "utf8" });
}

test.each([
  ["ENV and ARG", 'ENV A=a\\ b\nARG B=c\nARG D\nARG A=hidden\nRUN echo "[$A] [$B] [$D] [$HOME] [$PATH]" > /out'],
  ["the exec form", 'ENV A=b\nRUN ["sh", "-c", "echo $A $0 > /out", "zero"]'],
  ["USER and its groups", "RUN mkdir -m 777 /w\nUSER app\nRUN (id; echo $HOME; pwd) > /w/out"],
  ["a user without a name", "RUN mkdir -m 777 /w\nUSER 12:34\nRUN (id; echo $HOME) > /w/out"],
  ["WORKDIR", 'WORKDIR /a/b\nWORKDIR c\nRUN pwd > /out; stat -c "%a %u %g" /a/b/c >> /out'],
  ["limits and masks", "RUN umask > /out; ulimit -c >> /out"],
  ["standard input and terminal", "RUN (read line || echo ended; tty) > /out || true"],
  ["capabilities", "RUN grep Cap /proc/self/status > /out"],
  ["capabilities of other users", "RUN mkdir -m 777 /w\nUSER app\nRUN grep Cap /proc/self/status > /w/out"],
])("RUN sees what buildah lets it see of %s", async (_, lines) => {
  const kubefile = `${BASE}${lines}\n`;
  expect(outputIn(await builtLayers(scene, kubefile))).toBe(
    outputIn(new Oracle(scene.folder).layers(kubefile, scene.contextDirectory)),
  );
});

test.each([
  ["a script", "RUN <<E\nX=1\necho $X $A > /out\nE", "1 a\n"],
  ["a script with its interpreter", 'RUN <<E\n#!/bin/awk -f\nBEGIN { print ENVIRON["A"] > "/out" }\nE', "a\n"],
  ["input that the shell expands", "RUN cat <<E > /out\n$A\nE", "a\n"],
  ["input that the shell leaves alone", "RUN cat <<'E' > /out\n$A \\n\nE", "$A \\n\n"],
  ["input without tabs", "RUN cat <<-E > /out\n\t\ttext\n\tE", "text\n"],
  ["several inputs", "RUN cat <<E > /1; cat /1 - <<F > /out\none\nE\ntwo\nF", "one\ntwo\n"],
])("RUN with a heredoc takes it as %s", async (_, lines, output) => {
  expect(outputIn(await builtLayers(scene, `${BASE}ENV A=a\n${lines}\n`))).toBe(output);
});

test("RUN uses the shell of SHELL", async () => {
  const lines = 'SHELL ["/bin/sh", "-e", "-c"]\nRUN echo $- > /out; false || true; echo more >> /out';
  expect(outputIn(await builtLayers(scene, `${BASE}${lines}\n`))).toMatch(/e.*\nmore\n/);
});

test("a RUN of ONBUILD is run in the stages that are based on the image", async () => {
  scene.commands = {};
  await scene.build(`${BASE}ONBUILD COPY data/a /a\nONBUILD RUN cat /a > /out\n`, { names: ["localhost/trigger:1"] });
  expect(outputIn(await builtLayers(scene, "FROM localhost/trigger:1\n"))).toBe("1");
});

test("COPY takes what a RUN of another stage has made, as it has made it", async () => {
  const kubefile = `${BASE.replace("scratch", "scratch AS made")}COPY data /data
RUN mkdir -m 711 /d && echo x > /d/f && ln /d/f /d/g && ln -s f /d/l && chown -R 5:6 /d && chmod 4755 /d/f && rm /data/a
FROM scratch
COPY --from=made /d /e
`;
  const layers = await builtLayers(scene, kubefile);
  expect([...listLayer(layers.at(-1) ?? "")].sort()).toEqual(expectedOf(kubefile));
});

test("RUN makes the same image whenever it is run, with the time that the build asks for", async () => {
  const kubefile = `${BASE}COPY data /data\nRUN mkdir /d && touch /d/f && rm /data/a && touch -d 2001-02-03 /data/sub\n`;
  const build = async (epoch: number) => (await scene.build(kubefile, { epoch })).layers.at(-1);
  const layer = await build(86_400);
  expect(await build(86_400)).toEqual(layer);
  expect(await build(0)).not.toEqual(layer);
  const path = (await scene.store()).blobPath(parseDigest(layer?.digest ?? ""));
  const lines = execFileSync("tar", ["--utc", "--full-time", "-tvf", path], { encoding: "utf8" }).trimEnd().split("\n");
  expect(lines).toHaveLength(3);
  expect(lines.filter((line) => !line.includes(" 1970-01-02 00:00:00 "))).toEqual([]);
});

test("RUN may open its outputs by name, whoever its user is", async () => {
  const failing = scene.build(`${BASE}USER app\nRUN echo a > /dev/stderr && echo b > /dev/stdout && exit 3\n`);
  await expect(failing).rejects.toThrow(/exited with 3\n  (a\n  b|b\n  a)$/);
});

test("RUN can neither change nor read what is this machine's", async () => {
  const lines = [
    "for file in sys/kernel/core_pattern sys/vm/swappiness irq/default_smp_affinity; do",
    "  value=$(cat /proc/$file); echo $value 2>&1 > /proc/$file | cat; done 2>&1 | grep -c 'Read-only file system' > /out",
    "cat /proc/keys /proc/timer_list | wc -c >> /out",
    "ls -A /sys/firmware >> /out",
    "umount /proc/sys 2> /dev/null || echo kept >> /out",
  ];
  const output = outputIn(await builtLayers(scene, `${BASE}RUN <<E\n${lines.join("\n")}\nE\n`));
  expect(output).toBe("3\n0\nkept\n");
});

test("RUN of a program for another processor says what would run it", async () => {
  const foreign = readFileSync("/bin/busybox");
  foreign.writeUInt16LE(0xf3, 18); // e_machine: RISC-V
  scene.write("foreign", foreign, 0o755);
  const failing = scene.build("FROM scratch\nCOPY foreign /bin/sh\nRUN true\n", {
    platform: { os: "linux", architecture: "riscv64" },
  });
  await expect(failing).rejects.toMatchObject({
    message: expect.stringContaining("Exec format error"),
    hint: expect.stringContaining("programs for linux/riscv64, or register an emulator"),
  });
});

test("RUN that fails ends the build with its place, its exit code and the last that it said", async () => {
  const failing = scene.build(`${BASE}RUN echo before; \\\n  echo said >&2; exit 7\nRUN true\n`);
  await expect(failing).rejects.toMatchObject({ code: "RUN_FAILED" });
  await expect(failing).rejects.toThrow(
    /^Kubefile:5: `RUN echo before; [^`]*` exited with 7\n  (before\n  said|said\n  before)$/,
  );
});
