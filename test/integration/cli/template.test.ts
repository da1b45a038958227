import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build } from "esbuild";
import { parse } from "yaml";

import type * as TemplateChart from "../../../src/actions/template-chart.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { runProgram } from "./program.ts";

const FOLDER = join(import.meta.dirname, "../../templates/helm");

interface Case {
  readonly name: string;
  readonly chart: string;
  readonly values?: string;
  readonly set?: readonly string[];
  readonly setString?: readonly string[];
  readonly setJson?: readonly string[];
  readonly setLiteral?: readonly string[];
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
  readonly includeCrds?: boolean;
}

const cases: readonly Case[] = parse(await readFile(join(FOLDER, "cases.yaml"), "utf8"));
const expectations: readonly { readonly output?: string }[] = JSON.parse(
  await readFile(join(FOLDER, "cases.json"), "utf8"),
);

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "template-test-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function repeated(flag: string, texts: readonly string[] = []): string[] {
  return texts.flatMap((text) => [`--${flag}`, text]);
}

function argumentsOf(entry: Case): string[] {
  return [
    join(FOLDER, "charts", entry.chart),
    ...(entry.values === undefined ? [] : ["--values", "-"]),
    ...repeated("set-json", entry.setJson),
    ...repeated("set", entry.set),
    ...repeated("set-string", entry.setString),
    ...repeated("set-literal", entry.setLiteral),
    "--kube-version",
    entry.kubeVersion ?? "v1.36.0",
    ...repeated("api-versions", entry.apiVersions),
    ...(entry.includeCrds ? ["--include-crds"] : []),
  ];
}

const CHOSEN = ["defaults", "with custom resources", "another cluster", "set syntax", "globals", "flannel"];
const chosen = cases.flatMap((entry, index) =>
  CHOSEN.includes(entry.name) ? [[entry.name, entry, index] as const] : [],
);

test.each(chosen)("sealos template prints what helm prints: %s", async (_, entry, index) => {
  const run = await runProgram(["template", ...argumentsOf(entry)], { root, input: entry.values ?? "" });
  expect(run).toEqual({ exitCode: 0, stdout: expectations[index]?.output, stderr: "" });
});

test("sealos template renders a file and says where a bad one is wrong", async () => {
  await writeFile(join(root, "hosts.tmpl"), "{{ .domain }}:{{ .Values.port }} {{ .Env.HOME }}\n");
  const argv = ["template", "hosts.tmpl", "--set", "domain=sealos.hub,port=5000"];
  expect(await runProgram(argv, { root })).toEqual({
    exitCode: 0,
    stdout: `sealos.hub:5000 ${root}\n`,
    stderr: "",
  });
  await writeFile(join(root, "bad.tmpl"), "ok\n{{ .a.b.c }}{{ fail .x }}\n");
  const failed = await runProgram(["template", "bad.tmpl", "--set", "x=no"], { root });
  expect(failed).toMatchObject({ exitCode: 1, stdout: "" });
  expect(failed.stderr).toContain("template: bad.tmpl:2:15: executing");
});

test("sealos template checks values when it is bundled", async () => {
  await build({
    absWorkingDir: join(import.meta.dirname, "../../.."),
    entryPoints: { main: "src/actions/template-chart.ts" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    outdir: join(root, "bundle"),
    outExtension: { ".js": ".mjs" },
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "silent",
  });
  const { templatePath }: typeof TemplateChart = await import(join(root, "bundle/main.mjs"));
  const rendered = templatePath(backgroundContext(), "charts/schema", {
    workingDirectory: FOLDER,
    releaseName: "web",
    namespace: undefined,
    values: new Map([["replicas", 0]]),
    kubeVersion: undefined,
    apiVersions: [],
    isUpgrade: false,
    showOnly: [],
    outputFolder: undefined,
    skipsSchemas: false,
    environment: {},
  });
  await expect(rendered).rejects.toThrow("schema:\n- at '/replicas': minimum: got 0, want 1");
});

const CLUSTERFILE = `apiVersion: apps.sealos.io/v1beta1
kind: Cluster
metadata: {name: templated}
spec:
  image: ["localhost/none:{{ .Values.version }}-{{ env "FLAVOUR" }}"]
  hosts: [{ips: [127.0.0.1], roles: [master]}]
`;

test("sealos apply renders the Clusterfile with --values, --set and --env", async () => {
  await writeFile(join(root, "Clusterfile"), CLUSTERFILE);
  await writeFile(join(root, "values.yaml"), "version: v1\n");
  const argv = ["apply", "--dry-run=unseen", "--values", "values.yaml", "-e", "FLAVOUR=small"];
  const run = await runProgram([...argv, "--set", "version=v2"], { root });
  expect(run).toMatchObject({ exitCode: 1, stdout: "" });
  expect(run.stderr).toContain("localhost/none:v2-small");
  const failed = await runProgram(["apply"], { root });
  expect(failed.stderr).toContain(
    'Cannot render Clusterfile "Clusterfile": a value is missing in line 5 of the result',
  );
});
