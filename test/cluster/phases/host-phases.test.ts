import { inspect } from "node:util";
import { expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { cleanScriptPath } from "../../../src/cluster/clean-script.ts";
import type { ClusterRun } from "../../../src/cluster/cluster-run.ts";
import type { Phase } from "../../../src/cluster/phase.ts";
import { bootstrapHosts } from "../../../src/cluster/phases/bootstrap-hosts.ts";
import { preflight } from "../../../src/cluster/phases/preflight.ts";
import { RESET_PHASES } from "../../../src/cluster/phases/reset.ts";
import { runApplications } from "../../../src/cluster/phases/run-applications.ts";
import { conditionsOf } from "../../../src/cluster/cluster-options.ts";
import { clusterScene, MACHINE } from "../../support/cluster-scene.ts";

const ctx = backgroundContext();

test("preflight reports all problems of all hosts as one error", async () => {
  const scene = clusterScene({ masters: "10.0.0.1", nodes: "10.0.0.2" });
  Object.assign(scene.host("10.0.0.2"), {
    query: async () => {
      throw new Error("no route to host");
    },
  });
  await expect(scene.perform(preflight)).rejects.toMatchObject({
    code: "PREFLIGHT",
    message: "The hosts are not ready, nothing was changed:\n  10.0.0.2: no route to host",
  });
});

test("conditionsOf() calls a disk full before the kubelet's thresholds are reached", async () => {
  const nearlyFull = MACHINE.replaceAll("90000000", "20000000");
  const { run } = clusterScene({ masters: "10.0.0.1", rules: [["@@%s", `@@hostname\nh\n${nearlyFull}`]] });
  expect(await conditionsOf(ctx, run)).toMatchObject({ hasFullDisk: true });
  expect(await conditionsOf(ctx, clusterScene({ masters: "10.0.0.1" }).run)).toMatchObject({ hasFullDisk: false });
});

test("bootstrapHosts puts the way back there before the first script that changes a host", async () => {
  const scene = clusterScene({ masters: "10.0.0.1", nodes: "10.0.0.2" });
  const calls = (await scene.perform(bootstrapHosts)).filter((call) => call.startsWith("10.0.0.1"));
  const steps = calls
    .map((call) => /clean\.sh|check\.sh|init-registry\.sh|init-cri\.sh/.exec(call)?.[0])
    .filter(Boolean);
  expect(steps).toEqual(["check.sh", "clean.sh", "init-registry.sh", "init-cri.sh"]);
  const script = scene.host("10.0.0.1").textOf(cleanScriptPath(scene.run.paths));
  expect(script).toContain("attempt bash -c 'bash clean-registry.sh'");
  expect(scene.host("10.0.0.2").textOf(cleanScriptPath(scene.run.paths))).not.toContain("clean-registry");
});

test("bootstrapHosts gives scripts their environment as secrets", async () => {
  const scene = clusterScene({ masters: "10.0.0.1" });
  await scene.perform(bootstrapHosts);
  const { commands } = scene.host("10.0.0.1");
  const init = commands.find(({ argv }) => argv.join(" ").includes("init-cri.sh"));
  expect(init?.argv).toEqual(["bash", "-c", "bash init-cri.sh $registryDomain && bash init.sh"]);
  expect(String(init?.env?.["registryPassword"])).toBe("[redacted]");
  expect(inspect(commands, { depth: 9 })).not.toContain("registry-password");
});

test("runApplications runs each line with known names replaced and its text in nobody's arguments", async () => {
  const scene = clusterScene({ masters: "10.0.0.1", nodes: "10.0.0.2", images: ["kubernetes", "web"] });
  const calls = await scene.perform(runApplications);
  expect(calls.join("\n")).not.toContain("s3cret");
  const lines = scene.host("10.0.0.1").commands.flatMap(({ env }) => env?.["SEALOS_LINE"] ?? []);
  expect(lines.map((line) => (typeof line === "string" ? line : line.reveal()))).toEqual([
    "kubectl apply -f web.yaml",
    "login s3cret",
  ]);
});

test("runApplications stops at a line that fails and names it as the image has it", async () => {
  const rules = [["SEALOS_LINE", { exitCode: 3, stderr: "no such file" }]] as const;
  const scene = clusterScene({ masters: "10.0.0.1", images: ["kubernetes", "web"], rules });
  await expect(scene.perform(runApplications)).rejects.toThrow(
    'Cannot run "web" on 10.0.0.1: `kubectl apply -f $(NAME).yaml` exited with 3: no such file',
  );
  expect(scene.host("10.0.0.1").commands.filter(({ env }) => env?.["SEALOS_LINE"])).toHaveLength(1);
});

test("reset cleans workers before control planes, and removes the way back last", async () => {
  const { run, host } = clusterScene({ masters: "10.0.0.1,10.0.0.2", nodes: "10.0.0.3" });
  const [clean] = RESET_PHASES;
  const waves = await clean?.plan(ctx, { name: "default", hosts: run.hosts, paths: run.paths });
  expect(waves?.map((wave) => wave.map(({ title }) => title))).toEqual([["10.0.0.3"], ["10.0.0.2"], ["10.0.0.1"]]);
  await waves?.[0]?.[0]?.perform(ctx);
  const { calls } = host("10.0.0.3");
  expect(calls[0]).toContain(cleanScriptPath(run.paths));
  expect(calls.at(-1)).toMatch(/rm -rf "\$1"[^]* \/data\/data\/default$/);
});

test("another password of the registry is a reason to prepare the hosts again, and not to run the images' commands", async () => {
  const options = { masters: "10.0.0.1", images: ["kubernetes", "web"] };
  const first = clusterScene(options);
  for (const phase of [bootstrapHosts, runApplications]) await first.perform(phase);
  const steps = first.host("10.0.0.1").textOf("/data/data/default/.state/steps");

  const rules = [["/.state/steps", steps]] as const;
  const second = clusterScene({ ...options, rules, registryPassword: "another" });
  const isDone = async (phase: Phase<ClusterRun>): Promise<readonly boolean[]> =>
    (await phase.plan(ctx, second.run)).flat().map((step) => step.isDone);

  expect(await isDone(bootstrapHosts)).toEqual([true, false, false]);
  expect(await isDone(runApplications)).toEqual([true]);
});
