import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { backgroundContext } from "../../src/base/context.ts";
import { startLab, stopLab, type Lab } from "../lab/lab.ts";
import { findLabObstacles } from "../lab/obstacles.ts";

const ROOT = join(import.meta.dirname, "../..");
const LAB = "demo";
const CLUSTER = "demo";
const IMAGES = ["localhost/kubernetes:v1.36.3", "localhost/flannel:v0.26.7", "localhost/web:v1"];

const ctx = backgroundContext();

/** A command as a user would type it; secrets are shown as dots. @throws when it fails. */
async function sealos(argv: readonly string[], secret?: string): Promise<void> {
  const shown = argv.map((word) => (word === secret ? "•••" : word)).join(" ");
  console.log(`\n$ sealos ${shown}`);
  const child = spawn(join(ROOT, "bin/sealos"), argv, { stdio: "inherit" });
  await once(child, "close");
  if (child.exitCode !== 0) throw new Error(`sealos ${argv[0]} exited with ${child.exitCode}`);
}

async function up(): Promise<void> {
  const obstacles = await findLabObstacles(ctx);
  if (obstacles.length > 0) return withoutHosts(obstacles);
  console.log("Starting three throw-away hosts");
  const lab = await startLab(ctx, { hosts: 3, name: LAB, isKept: true });
  await sealos(["run", ...IMAGES, ...runFlags(lab)], lab.rootPassword);
  await untilHealthy();
  await sealos(["status", "--cluster", CLUSTER]);
  await sealos(["exec", "--cluster", CLUSTER, "-r", "master", "kubectl get nodes -o wide && kubectl get pods -A"]);
  for (const { address } of lab.hosts) {
    const page = await fetch(`http://${address}:30080/`, { signal: AbortSignal.timeout(10_000) });
    console.log(`http://${address}:30080/ answers: ${(await page.text()).trim()}`);
  }
  console.log(
    "\nThe cluster stays. `make lab-ssh LAB_NAME=demo` logs in to its first host, `make demo-down` removes everything.",
  );
}

function runFlags(lab: Lab): string[] {
  const [master = "", ...workers] = lab.hosts.map(({ address }) => address);
  const hosts = ["--masters", master, "--nodes", workers.join(",")];
  return [...hosts, "--passwd", lab.rootPassword, "--cluster", CLUSTER];
}

/** DaemonSets and static pods need a moment longer than the run. */
async function untilHealthy(): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const child = spawn(join(ROOT, "bin/sealos"), ["status", "--cluster", CLUSTER, "--progress", "none"], {
      stdio: "ignore",
    });
    await once(child, "close");
    if (child.exitCode === 0) return;
    await delay(1000);
  }
}

/** What is left of the demo where no hosts can be made. */
async function withoutHosts(obstacles: readonly string[]): Promise<void> {
  console.log(`No hosts can be made on this machine:\n${obstacles.map((line) => `- ${line}`).join("\n")}`);
  console.log("So the demo stops at the images.");
  await sealos(["images"]);
  await sealos(["inspect", IMAGES[0] ?? ""]);
  await sealos(["save", "-o", join(ROOT, "dist/demo.tar"), ...IMAGES]);
  const hosts = ["--masters", "10.77.0.11", "--nodes", "10.77.0.12,10.77.0.13"];
  await sealos(["run", ...IMAGES, ...hosts, "--passwd", "none", "--cluster", CLUSTER, "--dry-run=unseen"]);
}

async function down(): Promise<void> {
  await stopLab(ctx, LAB);
  console.log("The demo's hosts are gone");
}

await (process.argv[2] === "down" ? down() : up());
