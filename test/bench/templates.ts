/**
 * What rendering costs beside Helm, process start included, and how many small templates a process renders in a second:
 * `node test/bench/templates.ts [HELM]`. Needs `make build`; HELM is a helm program, by default the one on PATH.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseTemplate, renderTemplate } from "../../src/templates/template.ts";

const ROUNDS = 15;
const TEMPLATES = 100;
const SEALOS = join(import.meta.dirname, "../../bin/sealos");

const HELPERS = `
{{- define "web.name" -}}{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}{{- end }}
{{- define "web.labels" -}}
app.kubernetes.io/name: {{ include "web.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}
`;

const VALUES = `
replicas: 2
image: { repository: nginx, tag: "1.27" }
resources: { limits: { cpu: 100m, memory: 64Mi }, requests: { cpu: 50m } }
service: { port: 80, type: ClusterIP }
labels: { team: a, tier: web }
env: [{ name: A, value: "1" }, { name: B, value: "2" }]
`;

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "web.name" . }}-NUMBER
  labels: {{- include "web.labels" . | nindent 4 }}
    {{- with .Values.labels }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: {{ include "web.name" . | quote }} } }
  template:
    metadata:
      labels: { app: {{ include "web.name" . | quote }} }
    spec:
      containers:
        - name: main
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          resources: {{- toYaml .Values.resources | nindent 12 }}
          env:
          {{- range $i, $e := .Values.env }}
            - name: {{ $e.name }}
              value: {{ $e.value | quote }}
          {{- end }}
          {{- if eq .Values.service.type "ClusterIP" }}
          ports: [{ containerPort: {{ .Values.service.port }} }]
          {{- end }}
`;

const SMALL = `server: {{ .host | quote }}
port: {{ .port }}
{{- range $i, $e := .items }}
- {{ $i }}: {{ $e.name | upper }}{{ if gt $e.size 2 }} big{{ end }}
{{- end }}
`;

const folder = mkdtempSync(join(tmpdir(), "sealos-bench-templates-"));
try {
  compareWithHelm(process.argv[2] ?? "helm");
  renderSmall();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function compareWithHelm(helm: string): void {
  const chart = makeChart();
  const args = ["template", "release", chart];
  if (run(helm, args).output !== run(SEALOS, args).output) throw new Error("helm and sealos print different documents");
  const rounds = Array.from({ length: ROUNDS }, () => [run(helm, args).ms, run(SEALOS, args).ms] as const);
  const [peer, own] = [median(rounds.map(([ms]) => ms)), median(rounds.map(([, ms]) => ms))];
  console.log(
    `chart of ${TEMPLATES} templates: sealos ${own.toFixed(0)} ms, helm ${peer.toFixed(0)} ms, ratio ${(own / peer).toFixed(2)}`,
  );
}

function makeChart(): string {
  const chart = join(folder, "web");
  mkdirSync(join(chart, "templates"), { recursive: true });
  writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: web\nversion: 0.1.0\n");
  writeFileSync(join(chart, "values.yaml"), VALUES);
  writeFileSync(join(chart, "templates/_helpers.tpl"), HELPERS);
  for (let number = 1; number <= TEMPLATES; number++) {
    writeFileSync(join(chart, `templates/web-${number}.yaml`), DEPLOYMENT.replace("NUMBER", String(number)));
  }
  return chart;
}

function run(program: string, args: readonly string[]): { output: string; ms: number } {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`);
  return { output: stdout, ms };
}

function renderSmall(): void {
  const data = {
    host: "a",
    port: 80,
    items: [
      { name: "x", size: 1 },
      { name: "y", size: 3 },
    ],
  };
  const parsed = parseTemplate(SMALL, { name: "small" });
  const rates = {
    "parsed and rendered": perSecond(() => renderTemplate(parseTemplate(SMALL, { name: "small" }), data)),
    rendered: perSecond(() => renderTemplate(parsed, data)),
  };
  for (const [what, rate] of Object.entries(rates)) console.log(`small templates ${what}: ${rate.toFixed(0)} a second`);
}

/** Of ten thousand calls in a process that has just started. */
function perSecond(work: () => string): number {
  const count = 10_000;
  const start = performance.now();
  for (let i = 0; i < count; i++) work();
  return (count * 1000) / (performance.now() - start);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
