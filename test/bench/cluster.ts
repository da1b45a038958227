/**
 * Times a cluster's life on throw-away hosts, phase by phase, beside what the same machine cannot go below and what the
 * reference tool took on the same kind of hosts (one control plane, no network plugin, no waiting for Ready).
 * Run: make bench-cluster
 */
import { backgroundContext } from "../../src/base/context.ts";
import { renderDuration, renderSize, renderTable } from "../../src/base/text.ts";
import { openScene, type Scene } from "../e2e/support.ts";

const STORE = process.env["SEALOS_STORE"] ?? "/var/lib/sealos/images";
const KUBERNETES = "localhost/kubernetes:v1.36.3";
const APPLICATIONS = ["localhost/flannel:v0.26.7", "localhost/web:v1"];

/** Milliseconds, measured by hand on a quiet machine of this kind with everything in place. */
const FLOORS: Readonly<Record<string, number>> = { "init-control-plane": 6900, "join-workers": 1000 };

interface Phase {
  readonly name: string;
  readonly elapsedMs: number;
}

interface Run {
  readonly phases: readonly Phase[];
  readonly sentBytes: Readonly<Record<string, number>>;
  readonly elapsedMs: number;
}

const ctx = backgroundContext();

async function sealos(scene: Scene, argv: readonly string[]): Promise<Run> {
  const result = await scene.sealos(argv);
  if (result.exitCode !== 0) throw new Error(`sealos ${argv[0]} failed\n${result.stderr}`);
  const document = JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "") as { data: Omit<Run, "elapsedMs"> };
  return { ...document.data, elapsedMs: result.elapsedMs };
}

async function measure(hosts: number, images: readonly string[]): Promise<void> {
  await using scene = await openScene(ctx, { hosts, storeRoot: STORE });
  const [master = "", ...workers] = scene.lab.hosts.map(({ address }) => address);
  const nodes = workers.length > 0 ? ["--nodes", workers.join(",")] : [];
  const argv = [
    "run",
    ...images,
    "--masters",
    master,
    ...nodes,
    "--passwd",
    scene.lab.rootPassword,
    "--output",
    "json",
  ];
  const first = await sealos(scene, argv);
  const second = await sealos(scene, argv);
  const reset = await sealos(scene, ["reset", "--force", "--output", "json"]);
  const sent = Object.values(first.sentBytes).map((sizeBytes) => renderSize(sizeBytes));
  console.log(`\n${hosts} hosts, ${images.join(" ")}`);
  console.log(
    renderTable([
      ["PHASE", "TIME", "FLOOR"],
      ...first.phases.map(({ name, elapsedMs }) => [name, renderDuration(elapsedMs), floorOf(name)]),
      ["whole command", renderDuration(first.elapsedMs), hosts === 1 ? "reference tool: 30 s" : ""],
      ["the same again", renderDuration(second.elapsedMs), "reference tool: refused"],
      ["reset", renderDuration(reset.elapsedMs), hosts === 1 ? "reference tool: 3.6-5.8 s" : ""],
    ]),
  );
  console.log(`sent: ${sent.join(", ")}; again: ${Object.values(second.sentBytes).join(", ")} bytes`);
}

function floorOf(phase: string): string {
  const floorMs = FLOORS[phase];
  return floorMs === undefined ? "" : renderDuration(floorMs);
}

await measure(1, [KUBERNETES]);
await measure(3, [KUBERNETES, ...APPLICATIONS]);
