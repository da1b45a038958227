import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";

import { Secret } from "../../../src/base/secret.ts";
import { openAgentSocket } from "../../../src/build/run/agent-socket.ts";
import type { RunSettings } from "../../../src/build/run/run-settings.ts";
import type { BuildScene } from "./build-scene.ts";
import { BASE, builtLayers, listLayer, runScene } from "./run-scene.ts";

let scene: BuildScene;

beforeAll(() => {
  scene = runScene({ "data/a": "of the context", "data/sub/b": "2", ".containerignore": "data/hidden\n" });
  scene.write("data/hidden", "never");
});

afterAll(() => scene[Symbol.asyncDispose]());

/** What the last RUN wrote to /out. */
async function outputOf(lines: string, commands: Partial<RunSettings> = {}): Promise<string> {
  scene.commands = commands;
  const layers = await builtLayers(scene, `${BASE}${lines}\n`);
  return execFileSync("tar", ["-xOf", layers.at(-1) ?? "", "out"], { encoding: "utf8" });
}

test("RUN --mount=type=bind shows the context, without what is ignored, and throws away what is written", async () => {
  const command = "cat /m/a > /out; ls /m >> /out; echo x > /m/new; ls -ln /m/a >> /out";
  const output = await outputOf(`RUN --mount=source=data,target=/m,rw ${command}`);
  expect(output).toMatch(/^of the contexta\nsub\n-rw-r--r-- +1 0 +0 .* \/m\/a\n$/);
  expect(readFileSync(join(scene.contextDirectory, "data/a"), "utf8")).toBe("of the context");
});

test("RUN --mount=type=bind is read-only unless it says otherwise, and takes single files and files of stages", async () => {
  const lines = `RUN echo built > /built && chown 7:8 /built
FROM scratch
COPY --from=0 / /
RUN --mount=source=data/a,target=/one --mount=from=0,source=/built,target=/two \\
    (echo x > /one) 2> /dev/null || cat /one /two > /out; ls -ln /two >> /out`;
  expect(await outputOf(lines)).toMatch(/^of the contextbuilt\n-\S+ +1 7 +8 /);
});

test("mounts leave nothing in the layer", async () => {
  const flags = ["--mount=type=tmpfs,target=/t/u", "--mount=type=cache,target=/c", "--mount=target=/ctx"].join(" ");
  scene.commands = {};
  const layers = await builtLayers(
    scene,
    `${BASE}RUN ${flags} echo x > /t/u/f; echo y > /c/f; touch /etc/hosts; echo > /f\n`,
  );
  expect(listLayer(layers.at(-1) ?? "")).toEqual(["-rw-r--r-- 0/0 1 f"]);
});

test("RUN --mount=type=tmpfs has the size that is asked for", async () => {
  const output = await outputOf(
    "RUN --mount=type=tmpfs,target=/t,size=1m (dd if=/dev/zero of=/t/f bs=64k count=32 2>/dev/null || ls -l /t/f) > /out",
  );
  expect(output).toContain(" 1048576 ");
});

test("RUN --mount=type=cache keeps its content between commands and builds, by its name", async () => {
  const mount = "--mount=type=cache,id=numbers,target=/c,mode=0700,uid=5";
  const first = await outputOf(
    `RUN ${mount} echo 1 >> /c/f; stat -c '%a %u' /c > /out\nRUN --mount=type=cache,id=other,target=/c ls /c | wc -l >> /out`,
  );
  expect(first).toBe("700 5\n0\n");
  expect(await outputOf(`RUN ${mount} echo 2 >> /c/f; cat /c/f > /out`)).toBe("1\n2\n");
});

test("a secret is a file or a variable of one command and of nothing else", async () => {
  const secrets = new Map([
    ["key", { kind: "value", value: new Secret("very hidden\n\n") }],
    ["file", { kind: "file", path: join(scene.folder, "file-secret") }],
  ] as const);
  writeFileSync(join(scene.folder, "file-secret"), "from a file");
  const flags =
    "--mount=type=secret,id=key,env=KEY --mount=type=secret,id=key,mode=0440,gid=9 --mount=type=secret,id=file,target=/s";
  const command = `stat -c '%a %u:%g %s' /run/secrets/key > /out; printf %s "$KEY" | wc -c >> /out; wc -c < /s >> /out`;
  expect(await outputOf(`RUN ${flags} ${command}`, { secrets })).toBe("440 0:9 13\n13\n11\n");
  const search = spawnSync("grep", ["-rl", "very hidden", scene.storeDirectory], { encoding: "utf8" });
  expect(search).toMatchObject({ status: 1, stdout: "" });
});

test("a secret that is not given is left out, or refused with its place when it is required", async () => {
  expect(await outputOf("RUN --mount=type=secret,id=key ls -d /run/secrets/key > /out 2>&1 || true")).toContain(
    "No such file",
  );
  await expect(outputOf("RUN --mount=type=secret,id=key,required true")).rejects.toThrow(
    /Kubefile:5:5: error: The command needs the secret "key", which is not given/,
  );
});

test("RUN --mount=type=ssh says where the agent's socket is, whose owner the mount chooses", async () => {
  const key = join(scene.folder, "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  const lines = `RUN mkdir -m 777 /w\nUSER app\nRUN --mount=type=ssh,uid=1000 test -S $SSH_AUTH_SOCK && stat -c %a:%u $SSH_AUTH_SOCK > /w/x; cp /w/x /w/out`;
  scene.commands = { agents: new Map([["default", [key]]]) };
  const layers = await builtLayers(scene, `${BASE}${lines}\n`);
  expect(execFileSync("tar", ["-xOf", layers.at(-1) ?? "", "w/out"], { encoding: "utf8" })).toBe("600:1000\n");
});

test("openAgentSocket() leads to an agent that has the keys", async () => {
  const key = join(scene.folder, "another-key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "for the test", "-f", key]);
  await using resources = new AsyncDisposableStack();
  const path = join(scene.folder, "socket");
  await openAgentSocket(scene.ctx, [key], { path, resources });
  const through = join(scene.folder, "through");
  await openAgentSocket(scene.ctx, [path], { path: through, resources });
  const list = spawn("ssh-add", ["-l"], { env: { ...process.env, SSH_AUTH_SOCK: through } });
  expect(await text(list.stdout)).toContain("for the test");
});

test("volumes, hosts, name servers, limits and shared memory are what the build says", async () => {
  mkdirSync(join(scene.folder, "volume"), { recursive: true });
  writeFileSync(join(scene.folder, "volume/f"), "volume\n");
  const names = { hosts: [{ name: "a.example", address: "10.0.0.1" }], servers: ["10.0.0.2"], searches: ["example"] };
  const output = await outputOf(
    "RUN (cat /v/f; grep a.example /etc/hosts; cat /etc/resolv.conf; ulimit -n; df -k /dev/shm | tail -1; echo x > /v/f) > /out 2>&1 || true",
    {
      volumes: [{ source: join(scene.folder, "volume"), target: "/v", isWritable: false }],
      names: { writesHosts: true, options: undefined, ...names },
      limits: [{ name: "nofile", soft: "100", hard: "200" }],
      shmSizeBytes: 1024 * 1024,
    },
  );
  expect(output).toMatch(
    /^volume\n10.0.0.1 a.example\n([^]*\n)?nameserver 10.0.0.2\nsearch example\n100\ntmpfs +1024 [^]*Read-only file system\n$/,
  );
});

test("commands are in the groups that the build adds, by the image's names or by number", async () => {
  expect(await outputOf("RUN id -G > /out", { groups: ["extra", "7", "0"] })).toBe("0 7 2000\n");
  await expect(outputOf("RUN true", { groups: ["nowhere"] })).rejects.toThrow(
    /Kubefile:4:1: .*no group "nowhere" in \/etc\/group/,
  );
});

test("a locked cache is used by one command at a time", async () => {
  const command = "[ ! -e /c/busy ] && touch /c/busy && sleep 0.3 && rm /c/busy";
  const stage = (name: string) =>
    `FROM base AS ${name}\nRUN --mount=type=cache,id=locked,sharing=locked,target=/c ${command}; echo ${name} > /${name}\n`;
  scene.commands = {};
  const kubefile = `${BASE.replace("scratch", "scratch AS base")}${stage("a")}${stage("b")}FROM a\nCOPY --from=b /b /b\n`;
  await expect(builtLayers(scene, kubefile)).resolves.toHaveLength(5);
});

test("--network=none leaves a loopback device only", async () => {
  expect(await outputOf("RUN --network=none ls /sys/class/net > /out")).toBe("lo\n");
  const addresses = "grep -c . /proc/net/route > /out || true";
  expect(await outputOf(`RUN ${addresses}`, { network: "none" })).toBe("1\n");
});

test("no process that a command leaves behind outlives it", async () => {
  await outputOf("RUN (sleep 4242 & ) ; echo > /out");
  const list = spawn("pgrep", ["-f", "sleep 4242"], { stdio: "ignore" });
  const [code] = await once(list, "close");
  expect(code).toBe(1);
});
