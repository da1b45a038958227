import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { startOurRegistry, type OurRegistry } from "../registry/our-registry.ts";
import { runProgram } from "./program.ts";

/** The machine with a network, and the operator's machine inside. */
let outside: string;
let inside: string;
let registry: OurRegistry;

beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), "air-gap-outside-"));
  inside = await mkdtemp(join(tmpdir(), "air-gap-inside-"));
  registry = await startOurRegistry();
});

afterEach(async () => {
  await registry.close();
  await rm(outside, { recursive: true, force: true });
  await rm(inside, { recursive: true, force: true });
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(outside, path)), { recursive: true });
    await writeFile(join(outside, path), content);
  }
}

/** Runs a command that must succeed. @returns what it prints */
async function sealos(root: string, ...argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram(argv, { root });
  expect({ argv, exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ argv, exitCode: 0, stderr: "" });
  return stdout;
}

/** Puts container images into the registry, as somebody else has done. */
async function publish(...names: readonly string[]): Promise<void> {
  await write({ "payload/app": "app", "payload/Kubefile": "FROM scratch\nCOPY app /\n" });
  await sealos(outside, "build", "-q", "-t", "payload", "payload");
  for (const name of names) {
    await sealos(outside, "push", "--tls-verify=false", "localhost/payload", `${registry.name}/${name}`);
  }
}

/** The least that is a rootfs image, in the place of the one that somebody else has built. */
async function buildRootfs(): Promise<void> {
  await write({
    "rootfs/scripts/init.sh": "#!/bin/sh\n",
    "rootfs/etc/kubeadm.yml": "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n",
    "rootfs/Kubefile":
      'FROM scratch\nLABEL sealos.io.type="rootfs" sealos.io.version="v1beta1" version="v1.36.3" init="init.sh"\nCOPY . .\n',
  });
  await sealos(outside, "build", "-q", "-t", "kubernetes:v1.36.3", "rootfs");
}

const CHART = "apiVersion: v2\nname: db\nversion: 1.0.0\n";

async function writeContext(): Promise<void> {
  await write({
    "web/Kubefile": 'FROM scratch\nENV TAG=2\nCOPY . .\nCMD ["kubectl apply -f manifests"]\n',
    "web/manifests/web.yaml": `kind: Pod\nspec:\n  containers:\n  - image: ${registry.name}/group/web:1\n`,
    "web/manifests/job.yaml.tmpl": `kind: Job\nimage: ${registry.name}/job:{{ .TAG }}\n`,
    "web/charts/db/Chart.yaml": CHART,
    "web/charts/db/values.yaml": "image:\n  repository: not/there\n  tag: '3'\n",
    "web/charts/db/templates/db.yaml": "kind: Pod\nimage: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n",
    "web/charts/db.values.yaml": `image:\n  repository: ${registry.name}/db\n`,
  });
}

test("the commands of the user guide bring an image and its container images to where there is no network", async () => {
  await publish("group/web:1", "job:2", "db:3");
  await writeContext();
  await buildRootfs();
  const { name } = registry;
  const [before = [], after = []] = await documentedCommands();
  expect(before.map((argv) => argv[0])).toEqual(["scan", "build", "save"]);
  const [table = ""] = await runAll(outside, before);
  expect(cellsOf(table)).toEqual([
    ["IMAGE", "FILE", "LINE", "VALUES"],
    [`${name}/job:2`, "manifests/job.yaml.tmpl", "2", "-"],
    [`${name}/group/web:1`, "manifests/web.yaml", "4", "-"],
    [`${name}/db:3`, "charts/db/templates/db.yaml", "2", "charts/db.values.yaml:2"],
  ]);
  await registry.close();

  await copyFile(join(outside, "web.tar"), join(inside, "web.tar"));
  await rm(outside, { recursive: true });

  expect(after.map((argv) => argv[0])).toEqual(["load", "scan", "run"]);
  const [, , plan] = await runAll(inside, after);
  expect(plan).toContain("10.0.0.1\n    kubeadm init, Kubernetes v1.36.3\n");
  expect(plan).toContain("10.0.0.2\n    kubeadm join\n");
  expect(plan).toContain("localhost/web:v1\n    run kubectl apply -f manifests\n");
  const scanned = JSON.parse(await sealos(inside, "scan", "--format", "json", "localhost/web:v1"));
  expect(scanned).toEqual([
    { name: `${name}/job:2`, places: [{ file: "manifests/job.yaml.tmpl", line: 2 }], digest: expect.any(String) },
    { name: `${name}/group/web:1`, places: [{ file: "manifests/web.yaml", line: 4 }], digest: expect.any(String) },
    {
      name: `${name}/db:3`,
      places: [
        {
          file: "charts/db/templates/db.yaml",
          line: 2,
          chart: "db",
          values: { file: "charts/db.values.yaml", line: 2 },
        },
      ],
      digest: expect.any(String),
    },
  ]);
  const annotation = await sealos(
    inside,
    "inspect",
    "-f",
    '{{index .Manifest.annotations "sealos.io.images"}}',
    "localhost/web:v1",
  );
  expect(annotation.trim().split(" ")).toEqual(
    ["db:3", "group/web:1", "job:2"].map((image) => expect.stringMatching(`^${name}/${image}@sha256:[0-9a-f]{64}$`)),
  );
  await sealos(inside, "create", "--into", "unpacked", "localhost/web:v1");
  registry = await startOurRegistry({ root: join(inside, "unpacked/registry") });
  for (const image of ["group/web:1", "job:2", "db:3"]) {
    await sealos(inside, "pull", "-q", "--tls-verify=false", `${registry.name}/${image}`);
  }
});

/** The commands of the user guide's section on this: those for outside, those for inside. */
async function documentedCommands(): Promise<readonly (readonly (readonly string[])[])[]> {
  const guide = await readFile(join(import.meta.dirname, "../../../docs/user-guide.md"), "utf8");
  const section = guide.split("## Without a network\n")[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/```\n(.*?)```/gs)].map(([, block = ""]) =>
    block
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" ").slice(1)),
  );
}

/** The registry of the test speaks plain HTTP. */
async function runAll(root: string, commands: readonly (readonly string[])[]): Promise<readonly string[]> {
  const outputs: string[] = [];
  for (const [name = "", ...rest] of commands) {
    const flags = name === "scan" || name === "build" ? ["--tls-verify=false"] : [];
    outputs.push(await sealos(root, name, ...flags, ...rest));
  }
  return outputs;
}

function cellsOf(table: string): readonly (readonly string[])[] {
  return table
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));
}
