import { fixed, functionTable } from "../function.ts";
import { orElse } from "../json/functions.ts";
import { readList, readMap } from "../json/helm-functions.ts";
import { readYaml } from "./read-yaml.ts";
import { writePrettyYaml, writeYaml } from "./write-yaml.ts";

/** YAML is read by way of JSON, and Go's message says so. */
const JSON_STEP = "error unmarshaling JSON: while decoding JSON: ";

export const yamlFunctions = functionTable({
  toYaml: fixed(["any"], (value) => orElse(() => writeYaml(value).replace(/\n$/, ""), "")),
  toYamlPretty: fixed(["any"], (value) => orElse(() => writePrettyYaml(value).replace(/\n$/, ""), "")),
  fromYaml: fixed(["string"], (text) => readMap(readYaml, text, JSON_STEP)),
  fromYamlArray: fixed(["string"], (text) => readList(readYaml, text, JSON_STEP)),
});
