import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { backgroundContext } from "../../src/base/context.ts";
import { diffListings, listHost, type Listing } from "../lab/listing.ts";
import { openScene, type Scene, type SealosResult } from "./support.ts";

/** Where `make images` puts what it builds. */
const STORE = process.env["SEALOS_STORE"] ?? "/var/lib/sealos/images";
const IMAGES = ["localhost/kubernetes:v1.36.3", "localhost/flannel:v0.26.7", "localhost/web:v1"];

const ctx = backgroundContext();
let scene: Scene;
let before: readonly Listing[];

beforeAll(async () => {
  scene = await openScene(ctx, { hosts: 3, storeRoot: STORE });
  before = await listHosts();
});
afterAll(async () => await scene?.[Symbol.asyncDispose]());

async function listHosts(): Promise<readonly Listing[]> {
  return await Promise.all(scene.lab.hosts.map((host) => listHost(ctx, host.console)));
}

function address(index: number): string {
  return scene.lab.hosts[index]?.address ?? "";
}

/** In the lab's own network, where no host has it. */
function missingAddress(): string {
  return scene.lab.gateway.replace(/\d+$/, "200");
}

/** One control plane, two workers, root's password. */
function hostFlags(): string[] {
  const workers = [address(1), address(2)].join(",");
  return ["--masters", address(0), "--nodes", workers, "--passwd", scene.lab.rootPassword];
}

/** @throws with everything that was printed. */
async function succeed(argv: readonly string[]): Promise<SealosResult> {
  const result = await scene.sealos(argv);
  if (result.exitCode !== 0) throw new Error(`sealos ${argv[0]} exited with ${result.exitCode}\n${result.stderr}`);
  expect(`${result.stdout}${result.stderr}`).not.toContain(scene.lab.rootPassword);
  return result;
}

interface RunDocument {
  readonly data: { readonly sentBytes: Readonly<Record<string, number>> };
}

/** The last line of `--output json`. */
function resultOf({ stdout }: SealosResult): RunDocument {
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as RunDocument;
}

async function fetchPage(host: string): Promise<string> {
  const response = await fetch(`http://${host}:30080/`, { signal: AbortSignal.timeout(10_000) });
  return await response.text();
}

interface RegistryState {
  readonly username: string;
  readonly password: string;
  readonly authority: { readonly certificate: string };
}

/** @returns how the cluster's registry answers somebody with this login. */
async function askRegistry({ username, password, authority }: RegistryState): Promise<number | undefined> {
  const asking = get(`https://${address(0)}:5000/v2/`, { auth: `${username}:${password}`, ca: authority.certificate });
  const [response]: IncomingMessage[] = await once(asking, "response");
  response?.resume();
  return response?.statusCode;
}

/** Static pods and daemons need a moment longer than the run. */
async function untilHealthy(): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const { exitCode, stdout } = await scene.sealos(["status", "--output", "json"]);
    if (exitCode === 0) return stdout;
    if (attempt === 60) throw new Error(stdout);
    await delay(1000);
  }
}

async function expectHostsAsBefore(): Promise<void> {
  const after = await listHosts();
  for (const [index, listed] of after.entries()) {
    expect(diffListings(before[index] ?? new Map(), listed)).toEqual([]);
  }
}

describe("input that is wrong changes no host", () => {
  test.each([
    ["a wrong password", () => ["--masters", address(0), "--passwd", "wrong"], /SSH|password|Permission/i],
    [
      "a host that is not there",
      () => [...hostFlags().slice(0, 3), missingAddress(), ...hostFlags().slice(4)],
      /Cannot reach .*\.200/,
    ],
    ["a host named twice", () => ["--masters", address(0), "--nodes", address(0), "--passwd", "x"], /twice/],
  ])("sealos run names %s", async (_, flags, message) => {
    const result = await scene.sealos(["run", ...IMAGES, ...flags()]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(message);
    await expectHostsAsBefore();
  });

  test("sealos run names every host whose port is used, before any is changed", async () => {
    const listen =
      "import socket,time;s=socket.socket();s.setsockopt(1,2,1);s.bind(('0.0.0.0',10250));s.listen();time.sleep(600)";
    const host = scene.lab.hosts[1];
    const hasPython = (await host?.exec(ctx, "command -v python3 || true")) !== "";
    const program = hasPython ? `exec python3 -c "${listen}"` : "exec socat TCP-LISTEN:10250,fork,reuseaddr EXEC:true";
    await host?.exec(
      ctx,
      `systemd-run --quiet --unit=occupier sh -c '${program}'; for i in $(seq 50); do ss -ltn | grep -q :10250 && break; sleep 0.1; done`,
    );
    const result = await scene.sealos(["run", ...IMAGES, ...hostFlags()]);
    await host?.exec(ctx, "systemctl stop occupier; systemctl reset-failed occupier || true");
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(`${address(1)}: port 10250 is in use`);
    await expectHostsAsBefore();
  });
});

describe("a cluster of three hosts", () => {
  test("sealos run makes it of two, and adds a host and an application", async () => {
    const [kubernetes = "", flannel = "", web = ""] = IMAGES;
    const login = ["--passwd", scene.lab.rootPassword];
    await succeed(["run", kubernetes, flannel, "--masters", address(0), "--nodes", address(1), ...login]);
    const result = await succeed(["run", web, "--nodes", address(2), "--output", "json"]);
    const { sentBytes } = resultOf(result).data;
    expect(Object.keys(sentBytes)).toEqual([address(0), address(1), address(2)]);
    expect(sentBytes[address(1)]).toBe(0);
    const status = JSON.parse(await untilHealthy()) as { nodes: { isReady: boolean }[] };
    expect(status.nodes.map(({ isReady }) => isReady)).toEqual([true, true, true]);
    for (const { address: host } of scene.lab.hosts) expect(await fetchPage(host)).toMatch(/^web-/);
  });

  test("the stored Clusterfile is for its owner only", () => {
    expect(statSync(join(scene.runtimeRoot, "default/Clusterfile")).mode & 0o777).toBe(0o600);
  });

  test("the same command again sends nothing and runs nothing", async () => {
    const received = await Promise.all(scene.lab.hosts.map((host) => host.readReceivedBytes()));
    const result = await succeed(["run", ...IMAGES, ...hostFlags(), "--output", "json"]);
    expect(Object.values(resultOf(result).data.sentBytes)).toEqual([0, 0, 0]);
    expect(result.stdout).not.toContain("kubectl apply");
    expect(result.elapsedMs).toBeLessThan(20_000);
    const grown = await Promise.all(
      scene.lab.hosts.map(async (host, index) => (await host.readReceivedBytes()) - (received[index] ?? 0)),
    );
    for (const sizeBytes of grown) expect(sizeBytes).toBeLessThan(3_000_000);
  });

  test("sealos exec reaches hosts by role and tells of a failure by its exit code", async () => {
    const { stdout } = await succeed(["exec", "-r", "node", 'hostname; echo "$(id -un)"']);
    expect(
      stdout
        .trim()
        .split("\n")
        .filter((line) => line.endsWith("\troot")),
    ).toHaveLength(2);
    expect((await scene.sealos(["exec", "--ips", address(1), "exit 7"])).exitCode).toBe(7);
  });

  test("sealos scp copies a file to all hosts", async () => {
    const file = join(scene.home, "hello.txt");
    writeFileSync(file, "hello\n", { mode: 0o640 });
    await succeed(["scp", file, "/root/hello.txt"]);
    for (const host of scene.lab.hosts) {
      expect(await host.exec(ctx, "stat -c %a /root/hello.txt; cat /root/hello.txt; rm /root/hello.txt")).toBe(
        "640\nhello\n",
      );
    }
  });

  test("sealos registry passwd lets every host pull with the new password, and nobody with the old one", async () => {
    const file = join(scene.runtimeRoot, "default/etc/registry.json");
    const before = JSON.parse(readFileSync(file, "utf8")) as RegistryState;
    const changed = await succeed(["registry", "passwd", "--generate", "--output", "json"]);
    expect(JSON.parse(changed.stdout)).toMatchObject({ cluster: "default", username: "admin", hosts: 3 });
    const after = JSON.parse(readFileSync(file, "utf8")) as RegistryState;

    expect(await askRegistry(before)).toBe(401);
    expect(await askRegistry(after)).toBe(200);
    for (const host of scene.lab.hosts) {
      await host.exec(ctx, "crictl pull $(crictl images -o json | grep -o '[^\"]*/pause:[^\"]*' | head -1)");
    }
    const again = await succeed(["run", ...IMAGES, ...hostFlags(), "--output", "json"]);
    expect(Object.values(resultOf(again).data.sentBytes)).toEqual([0, 0, 0]);
    expect(again.stdout).not.toContain("kubectl apply");
  });

  test("a changed host key is refused", async () => {
    const file = join(scene.runtimeRoot, "default/known_hosts");
    const original = readFileSync(file, "utf8");
    const [first = "", second = ""] = original.split("\n");
    const swapped = [first.split(" ")[0], ...second.split(" ").slice(1)].join(" ");
    writeFileSync(file, original.replace(first, swapped));
    const result = await scene.sealos(["status"]);
    writeFileSync(file, original);
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toMatch(/host key/i);
  });

  test("sealos reset leaves every host as it was", async () => {
    expect((await scene.sealos(["reset"])).exitCode).toBe(2); // nobody to ask
    await succeed(["reset", "--force"]);
    await expectHostsAsBefore();
  });
});

/** Kills the run with SIGKILL as soon as its progress shows `mark`. */
async function killAt(mark: RegExp): Promise<void> {
  let seen = "";
  const result = await scene.sealos(["run", ...IMAGES, ...hostFlags(), "--debug"], {
    onProgress(text, kill) {
      seen += text;
      if (mark.test(seen)) kill("SIGKILL");
    },
  });
  expect(result.exitCode).toBeUndefined();
}

describe("a run that is cut off", () => {
  test("in the transfer, in kubeadm init and in kubeadm join, it goes on with the same command", async () => {
    await killAt(/Send the files/);
    await killAt(/\[kubelet-start\] Starting the kubelet/);
    await killAt(/Join the workers[^]*\[kubelet-start\] Starting the kubelet/);
    await succeed(["run", ...IMAGES, ...hostFlags()]);
    await untilHealthy();
    for (const { address: host } of scene.lab.hosts) expect(await fetchPage(host)).toMatch(/^web-/);
    await succeed(["reset", "--force"]);
    await expectHostsAsBefore();
  });

  test("by a host without power, the error names the host, and after its return the command goes on", async () => {
    const victim = scene.lab.hosts[2];
    let powerCut: Promise<void> | undefined;
    const failed = await scene.sealos(["run", ...IMAGES, ...hostFlags()], {
      onProgress(text) {
        if (text.includes("Send the files")) powerCut ??= victim?.kill(ctx);
      },
    });
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain(address(2));
    await powerCut;
    await victim?.revive(ctx);
    await succeed(["run", ...IMAGES, ...hostFlags()]);
    await untilHealthy();
    await succeed(["reset", "--force"]);
  });
});

describe("a Clusterfile with three control planes and a login that has to use sudo", () => {
  test("sealos apply makes it, and makes it no second time", async () => {
    const { lab } = scene;
    const addresses = lab.hosts.map((host) => host.address).join(", ");
    const clusterfile = `apiVersion: apps.sealos.io/v1beta1
kind: Cluster
metadata:
  name: ha
spec:
  image: [${IMAGES.join(", ")}]
  ssh: {user: ${lab.sudoUser}, pk: ${lab.keyFile}, passwd: "${lab.sudoPassword}"}
  hosts:
    - ips: [${addresses}]
      roles: [master]
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration: {taints: []}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
nodeRegistration: {taints: []}
`;
    writeFileSync(join(scene.home, "Clusterfile"), clusterfile, { mode: 0o600 });
    const result = await succeed(["apply", "-f", "Clusterfile"]);
    expect(`${result.stdout}${result.stderr}`).not.toContain(lab.sudoPassword);
    const again = await succeed(["apply", "-f", "Clusterfile", "--output", "json"]);
    expect(Object.values(resultOf(again).data.sentBytes)).toEqual([0, 0, 0]);
    const nodes = await succeed(["exec", "--cluster", "ha", "--ips", address(2), "kubectl get nodes --no-headers"]);
    expect(nodes.stdout.match(/ control-plane /g)).toHaveLength(3);
    await succeed(["reset", "--cluster", "ha", "--force"]);
    await expectHostsAsBefore();
  });
});
