import { fixed } from "../function.ts";
import { MethodMap, type GoCallable } from "../value/value.ts";
import { writeYaml } from "../yaml/write-yaml.ts";

/** `.Values`: a map with methods that charts call, as `.Values.AsMap`; they come before keys of their names. */
export class ChartValues extends MethodMap {
  override method(name: string): GoCallable | undefined {
    if (name === "AsMap") return fixed([], () => new Map(this));
    return name === "YAML" ? fixed([], () => writeYaml(new Map(this))) : undefined;
  }
}
