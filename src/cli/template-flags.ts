import type { FlagSpecs } from "./flag.ts";

/** The two flags that every use of values has. */
export const VALUES_FLAGS = {
  values: { type: "list", value: "FILE", help: "YAML file with values, or its URL; `-` is standard input" },
  set: { type: "array", value: "NAME=VALUE", help: "Set values: a.b=1,list={x,y},list[0].c=true" },
} as const satisfies FlagSpecs;

/** The environment as templates take it. */
export function definedVariables(variables: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
