/**
 * Pushes and pulls beside skopeo and crane, and our registry beside the distribution registry:
 * `make build && node test/bench/registry.ts [case…]`. Needs Go, skopeo and 8 GB below the temporary folder; takes two minutes.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CRANE, DISTRIBUTION, goProgram } from "../support/go-program.ts";
import { startDockerRegistry } from "../integration/registry/docker-registry.ts";
import { peakOf, runMeasured, type Measured } from "./run-measured.ts";

const ROUNDS = 3;
const MEGABYTE = 1_000_000;
const LAYERS = 5;
const SMALL_IMAGES = 40;
const SEALOS = join(import.meta.dirname, "../../bin/sealos");

const folder = mkdtempSync(join(tmpdir(), "bench-registry-"));
const layout = join(folder, "layout");
const wanted = process.argv.slice(2);
const crane = await goProgram(CRANE);
const distribution = await goProgram(DISTRIBUTION);

interface Server {
  /** Host and port. */
  readonly name: string;
  readonly peakBytes: () => number;
  stop(): Promise<void>;
}

try {
  await prepare();
  await measure("push of 680 MB", startDistribution, { sealos: pushOwn, skopeo: pushSkopeo, crane: pushCrane }, [
    ["skopeo", 1.1],
    ["crane", 1],
  ]);
  await measure("pull of 680 MB", startFilled, { sealos: pullOwn, skopeo: pullSkopeo, crane: pullCrane }, [
    ["skopeo", 2.5],
    ["crane", 1],
  ]);
  await compareServers("server, push of 680 MB", { prepares: false, client: pushCrane, goal: 1.2 });
  await compareServers("server, pull of 680 MB", { prepares: true, client: pullCrane, goal: 0.8 });
  await measure("40 small images", startWithSmall, { sealos: syncOwn, skopeo: syncSkopeo }, [["skopeo", 3]]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

type Client = (server: Server) => Promise<Measured>;

/** Every client in turn, each at a server of its own, several times; the best counts. */
async function measure(
  title: string,
  start: () => Promise<Server>,
  clients: Readonly<Record<"sealos", Client> & Record<string, Client>>,
  goals: readonly (readonly [peer: string, ratio: number])[],
): Promise<void> {
  if (isLeftOut(title)) return;
  const best = new Map<string, number>();
  let peakBytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, client] of Object.entries(clients)) {
      const server = await start();
      const measured = await client(server);
      await server.stop();
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, measured.seconds));
      if (name === "sealos") peakBytes = Math.max(peakBytes, measured.peakBytes);
    }
  }
  const own = best.get("sealos") ?? Number.NaN;
  const ratios = goals.map(([peer, goal]) => {
    const seconds = best.get(peer) ?? Number.NaN;
    return `${peer} ${seconds.toFixed(2)} s: ${(seconds / own).toFixed(2)}x, goal ${goal}x`;
  });
  console.log([`${title}: ${own.toFixed(2)} s`, `${Math.round(peakBytes / MEGABYTE)} MB`, ...ratios].join("; "));
}

/** One client at both servers. */
async function compareServers(
  title: string,
  { prepares, client, goal }: { readonly prepares: boolean; readonly client: Client; readonly goal: number },
): Promise<void> {
  if (isLeftOut(title)) return;
  const times = { own: [] as number[], peer: [] as number[] };
  let peakBytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, start] of [["own", startOwn] as const, ["peer", startDistribution] as const]) {
      const server = await start();
      if (prepares) await pushCrane(server);
      times[name].push((await client(server)).seconds);
      if (name === "own") peakBytes = Math.max(peakBytes, server.peakBytes());
      await server.stop();
    }
  }
  const [own, peer] = [Math.min(...times.own), Math.min(...times.peer)];
  const ratio = `distribution ${peer.toFixed(2)} s: ${(peer / own).toFixed(2)}x, goal ${goal}x`;
  console.log(`${title}: ${own.toFixed(2)} s; ${Math.round(peakBytes / MEGABYTE)} MB; ${ratio}`);
}

function isLeftOut(title: string): boolean {
  return wanted.length > 0 && !wanted.some((part) => title.includes(part));
}

/** An image of five layers in our store and as an OCI layout, and forty small ones. */
async function prepare(): Promise<void> {
  const context = join(folder, "context");
  mkdirSync(context, { recursive: true });
  const names = Array.from({ length: LAYERS }, (_, index) => String(index));
  for (const name of names) writeFileSync(join(context, name), randomBytes((680 / LAYERS) * MEGABYTE));
  writeFileSync(join(context, "Kubefile"), `FROM scratch\n${names.map((name) => `COPY ${name} /\n`).join("")}`);
  await sealos("build", "-q", "--compression", "gzip", "-t", "bench", context);
  await sealos("copy", "-q", "bench", `oci:${layout}:bench`);
  rmSync(context, { recursive: true });
}

function sealos(...argv: readonly string[]): Promise<Measured> {
  return runMeasured(SEALOS, argv, { SEALOS_STORE: join(folder, "store") });
}

function pushOwn({ name }: Server): Promise<Measured> {
  return sealos("push", "-q", "bench", `${name}/bench/image:v1`);
}

function pushSkopeo({ name }: Server): Promise<Measured> {
  const argv = ["copy", "-q", "--dest-tls-verify=false", `oci:${layout}:bench`, `docker://${name}/bench/image:v1`];
  return runMeasured("skopeo", argv);
}

function pushCrane({ name }: Server): Promise<Measured> {
  return runMeasured(crane, ["push", "--insecure", layout, `${name}/bench/image:v1`]);
}

function pullOwn({ name }: Server): Promise<Measured> {
  return runMeasured(SEALOS, ["pull", "-q", `${name}/bench/image:v1`], { SEALOS_STORE: newFolder("pulled") });
}

function pullSkopeo({ name }: Server): Promise<Measured> {
  const to = `oci:${newFolder("pulled")}:bench`;
  return runMeasured("skopeo", ["copy", "-q", "--src-tls-verify=false", `docker://${name}/bench/image:v1`, to]);
}

function pullCrane({ name }: Server): Promise<Measured> {
  return runMeasured(crane, ["pull", "--insecure", "--format", "oci", `${name}/bench/image:v1`, newFolder("pulled")]);
}

async function syncOwn(from: Server): Promise<Measured> {
  const to = await startDistribution();
  const measured = await sealos("registry", "sync", "-q", from.name, to.name);
  await to.stop();
  return measured;
}

async function syncSkopeo(from: Server): Promise<Measured> {
  const to = await startDistribution();
  const file = join(folder, "sync.yaml");
  const images = Array.from({ length: SMALL_IMAGES }, (_, index) => `    small/image${index}: ["v1"]\n`).join("");
  writeFileSync(file, `${from.name}:\n  tls-verify: false\n  images:\n${images}`);
  const flags = ["--src", "yaml", "--dest", "docker", "--dest-tls-verify=false", "--scoped=false"];
  const measured = await runMeasured("skopeo", ["sync", ...flags, file, to.name]);
  await to.stop();
  return measured;
}

function newFolder(name: string): string {
  const path = join(folder, name);
  rmSync(path, { recursive: true, force: true });
  return path;
}

async function startDistribution(): Promise<Server> {
  const registry = await startDockerRegistry({ program: distribution });
  return { name: registry.name, peakBytes: () => 0, stop: () => registry.close() };
}

async function startFilled(): Promise<Server> {
  const server = await startDistribution();
  await pushCrane(server);
  return server;
}

async function startWithSmall(): Promise<Server> {
  const server = await startDistribution();
  const store = newFolder("small-store");
  for (let index = 0; index < SMALL_IMAGES; index++) {
    const context = newFolder("small");
    mkdirSync(context);
    writeFileSync(join(context, "file"), randomBytes(200_000));
    writeFileSync(join(context, "Kubefile"), "FROM scratch\nCOPY file /\n");
    const name = `${server.name}/small/image${index}:v1`;
    execFileSync(SEALOS, ["build", "-q", "-t", name, context], { env: { ...process.env, SEALOS_STORE: store } });
    execFileSync(SEALOS, ["push", "-q", name], { env: { ...process.env, SEALOS_STORE: store } });
  }
  return server;
}

/** Our registry, the built command in a process of its own. */
async function startOwn(): Promise<Server> {
  const argv = ["registry", "serve", "filesystem", newFolder("served")];
  const server = spawn(SEALOS, argv, { stdio: ["ignore", "ignore", "pipe"] });
  return {
    name: await addressOf(server),
    peakBytes: () => peakOf(server.pid),
    async stop() {
      const ended = once(server, "exit");
      server.kill("SIGTERM");
      await ended;
    },
  };
}

async function addressOf({ stderr }: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of stderr ?? []) {
    text += String(chunk);
    const address = /127\.0\.0\.1:\d+/.exec(text)?.[0];
    if (address) return address;
  }
  throw new Error(`The registry has no address: ${text}`);
}
