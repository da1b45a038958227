import type { FunctionTable } from "../templates/function.ts";
import { clusterFunctions } from "../templates/standard-functions.ts";

/** What the templates of `--format` may call: other tools have `json` where Sprig has `toJson`. */
export function formatFunctions(): FunctionTable {
  const functions = clusterFunctions();
  const toJson = functions.get("toJson");
  return toJson ? new Map([...functions, ["json", toJson]]) : functions;
}
