import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { templatePath } from "../../../src/actions/template-chart.ts";
import { readTemplateValues } from "../../../src/actions/template-values.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { KnownError } from "../../../src/base/error.ts";

const run = promisify(execFile);

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
const KUBE_VERSION = "v1.36.0";
/** What many charts ask for before they print a ServiceMonitor. */
const API_VERSION = "monitoring.coreos.com/v1";

/** A chart's folder, and the values file that it is rendered with. */
export interface ChartCase {
  readonly folder: string;
  readonly valuesFile?: string | undefined;
}

type Rendering =
  | { readonly kind: "printed"; readonly text: string }
  | { readonly kind: "failed"; readonly reason: string };

export interface Comparison {
  readonly outcome: Rendering["kind"];
  /** What is not equal, to be read by people. */
  readonly differences: readonly string[];
}

/** Renders with `helm template` and with ours, and compares document by document. */
export async function compareWithHelm(helm: string, chart: ChartCase): Promise<Comparison> {
  const [wanted, got] = await Promise.all([renderWithHelm(helm, chart), renderHere(chart)]);
  if (wanted.kind === "failed" || got.kind === "failed") {
    const agree = wanted.kind === got.kind && (got.kind !== "failed" || sameReason(wanted, got));
    return { outcome: wanted.kind, differences: agree ? [] : [`helm: ${shown(wanted)}\nhere: ${shown(got)}`] };
  }
  if (wanted.text === got.text) return { outcome: "printed", differences: [] };
  const again = await renderWithHelm(helm, chart);
  return { outcome: "printed", differences: compareDocuments(wanted.text, got.text, shown(again)) };
}

async function renderWithHelm(helm: string, { folder, valuesFile }: ChartCase): Promise<Rendering> {
  const values = valuesFile === undefined ? [] : ["--values", valuesFile];
  const cluster = ["--kube-version", KUBE_VERSION, "--api-versions", API_VERSION];
  const argv = ["template", "release", folder, "--namespace", "web", "--include-crds", ...cluster, ...values];
  try {
    return { kind: "printed", text: (await run(helm, argv, { maxBuffer: MAX_OUTPUT_BYTES })).stdout };
  } catch (error) {
    if (!(error instanceof Error && "stderr" in error)) throw error;
    return { kind: "failed", reason: String(error.stderr) };
  }
}

async function renderHere({ folder, valuesFile }: ChartCase): Promise<Rendering> {
  const ctx = backgroundContext();
  const places = { workingDirectory: folder, stdin: () => new ReadableStream() };
  try {
    const files = valuesFile === undefined ? [] : [valuesFile];
    const text = await templatePath(ctx, folder, {
      workingDirectory: folder,
      releaseName: "release",
      namespace: "web",
      values: await readTemplateValues(ctx, { files, set: [] }, places),
      kubeVersion: KUBE_VERSION,
      apiVersions: [API_VERSION],
      isUpgrade: false,
      skipsSchemas: false,
      showOnly: [],
      includesCustomResources: true,
      outputFolder: undefined,
      environment: {},
    });
    return { kind: "printed", text: text.toWellFormed() };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return { kind: "failed", reason: error.message };
  }
}

/** Errors of templates are Go's, word for word; others only have to be there. */
function sameReason(wanted: Rendering, got: Rendering): boolean {
  const position = /template: [^\n]*/.exec(shown(wanted))?.[0];
  return position === undefined || shown(got).includes(position.slice(0, 200));
}

function shown(rendering: Rendering): string {
  return rendering.kind === "printed" ? rendering.text : rendering.reason;
}

/** Documents that helm itself prints in another way the second time hold random values: they only have to be there. */
function compareDocuments(wanted: string, got: string, again: string): readonly string[] {
  const [first, ours, second] = [wanted, got, again].map(documentsOf);
  if (!first || !ours || !second || first.length !== ours.length) return ["another number of documents"];
  return first.flatMap((document, index) => {
    const isRandom = document !== second[index];
    const here = ours[index] ?? "";
    return isRandom || document === here ? [] : [firstDifference(document, here)];
  });
}

function documentsOf(text: string): readonly string[] {
  return text.split(/^---$/m);
}

function firstDifference(wanted: string, got: string): string {
  const [lines, own] = [wanted.split("\n"), got.split("\n")];
  const index = lines.findIndex((line, number) => line !== own[number]);
  const source = lines.find((line) => line.startsWith("# Source: ")) ?? "";
  return `${source} line ${index}\nhelm: ${lines[index] ?? ""}\nhere: ${own[index] ?? ""}`;
}
