import type { Chart } from "../../templates/helm/chart.ts";
import { mergeValues } from "../../templates/helm/merge-values.ts";
import type { GoMap } from "../../templates/value/value.ts";
import type { FileTree } from "../context/file-tree.ts";
import { readText } from "../context/read-text.ts";
import type { ChartSource } from "./chart-folders.ts";
import type { HelmCommand } from "./helm-commands.ts";
import type { ValuesText } from "./trace-values.ts";

/** What a chart is rendered with. */
export interface ChartInput {
  readonly values: GoMap;
  readonly releaseName: string;
  readonly namespace: string | undefined;
  /** The files that the values come from, the one that wins first. */
  readonly texts: readonly ValuesText[];
}

export interface ChartUse {
  readonly chart: Chart;
  readonly source: ChartSource;
  /** Of the image; some may be for other charts. */
  readonly commands: readonly HelmCommand[];
}

/**
 * What the image's author renders a chart with: the values in `charts/NAME.values.yaml`, and what each helm command for it
 * sets. @throws {ChartError} when values are malformed
 */
export function chartInputs(context: FileTree, { chart, source, commands }: ChartUse): readonly ChartInput[] {
  const { name } = chart.metadata;
  const shipped = readValues(context, `charts/${name}.values.yaml`);
  const own: ChartInput = { values: merge(shipped, NOTHING), releaseName: name, namespace: undefined, texts: shipped };
  const others = commands
    .filter((command) => matches(command.chart, source.path))
    .map((command): ChartInput => {
      const texts = command.files.flatMap((file) => readValues(context, file));
      const { release = name, namespace } = command;
      return { values: merge(texts, command), releaseName: release, namespace, texts: texts.toReversed() };
    });
  return [own, ...others];
}

type Settings = Pick<HelmCommand, "set" | "setString" | "setJson" | "setLiteral">;

const NOTHING: Settings = { set: [], setString: [], setJson: [], setLiteral: [] };

function readValues(context: FileTree, file: string): readonly ValuesText[] {
  const entry = context.find(file);
  return entry?.type === "file" ? [{ file, text: readText(entry) }] : [];
}

function merge(texts: readonly ValuesText[], { set, setString, setJson, setLiteral }: Settings): GoMap {
  return mergeValues({
    files: texts.map(({ file, text }) => ({ name: file, data: Buffer.from(text) })),
    set,
    setString,
    setJson,
    setLiteral,
    setFile: [],
    filesToSet: new Map(),
  });
}

/** A shell replaces wildcards in the name of a chart. */
function matches(chart: string, path: string): boolean {
  const parts = chart.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join("[^/]*")}$`).test(path);
}
