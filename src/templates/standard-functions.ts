import { mergeFunctions } from "./function.ts";
import type { FunctionTable } from "./function.ts";
import { helmJsonFunctions } from "./json/helm-functions.ts";
import { yamlFunctions } from "./yaml/functions.ts";
import { pureSprigFunctions } from "./sprig/sprig.ts";

/** Sprig's functions and the ones that Helm adds to them, as far as they need nothing but their arguments. */
export const standardFunctions: FunctionTable = mergeFunctions(pureSprigFunctions, helmJsonFunctions, yamlFunctions);
