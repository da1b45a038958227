import type { ExecutionConfig } from "../oci/image-config.ts";
import type { Variables } from "./variables.ts";

/** The configuration of a stage between two of its instructions. */
export interface StageState {
  readonly variables: Variables;
  /** All but Env, which comes from the variables. */
  readonly config: Omit<ExecutionConfig, "Env">;
  readonly author: string | undefined;
  /** True once the stage itself has a CMD: ENTRYPOINT drops only an inherited one. */
  readonly hasOwnCommand: boolean;
}

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export const SCRATCH_STATE: StageState = {
  variables: { args: new Map(), env: new Map([["PATH", DEFAULT_PATH]]) },
  config: {},
  author: undefined,
  hasOwnCommand: false,
};

/** Where a stage begins that is based on an image. */
export function stateOf(config: ExecutionConfig, author: string | undefined): StageState {
  const { Env = [], ...rest } = config;
  const env = new Map(Env.map((entry) => splitEntry(entry)));
  return { variables: { args: new Map(), env }, config: rest, author, hasOwnCommand: false };
}

/** What the image is given; empty fields are left out. */
export function toExecutionConfig({ config, variables }: StageState): ExecutionConfig {
  const Env = [...variables.env].map(([name, value]) => `${name}=${value}`);
  return Env.length > 0 ? { ...config, Env } : config;
}

function splitEntry(entry: string): [string, string] {
  const equals = entry.indexOf("=");
  return equals < 0 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
}
