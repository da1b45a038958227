import type { GoMap } from "../value/value.ts";
import type { ChartMetadata } from "./metadata.ts";

export interface ChartFile {
  /** Path inside the chart. */
  readonly name: string;
  readonly data: Uint8Array;
}

/** A chart as it is read from its files. */
export interface Chart {
  readonly metadata: ChartMetadata;
  /** values.yaml. */
  readonly values: GoMap;
  /** What is below templates/. */
  readonly templates: readonly ChartFile[];
  /** Everything else that `.Files` shows, with crds/. */
  readonly files: readonly ChartFile[];
  /** values.schema.json. */
  readonly schema: Uint8Array | undefined;
  /** The charts in charts/. */
  readonly dependencies: readonly Chart[];
}
