import { mergeFunctions } from "./function.ts";
import type { FunctionTable } from "./function.ts";
import { helmJsonFunctions } from "./json/helm-functions.ts";
import { networkFunctions } from "./network-functions.ts";
import { defaultSources } from "./sources.ts";
import type { Sources } from "./sources.ts";
import { sprigFunctions } from "./sprig/sprig.ts";
import { tomlFunctions } from "./toml/functions.ts";
import { yamlFunctions } from "./yaml/functions.ts";

/** Sprig's functions and the ones that Helm adds to them and that need no chart. */
export function standardFunctions(sources: Partial<Sources> = {}): FunctionTable {
  return mergeFunctions(
    sprigFunctions({ ...defaultSources, ...sources }),
    helmJsonFunctions,
    yamlFunctions,
    tomlFunctions,
  );
}

/** What templates of cluster images and Clusterfiles may call: {@link standardFunctions}, `ipNet` and `ipAt`. */
export function clusterFunctions(sources: Partial<Sources> = {}): FunctionTable {
  return mergeFunctions(standardFunctions(sources), networkFunctions);
}
