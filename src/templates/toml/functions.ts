import { FunctionError } from "../error.ts";
import { fixed, functionTable } from "../function.ts";
import { readMap } from "../json/helm-functions.ts";
import { readToml } from "./read-toml.ts";
import { writeToml } from "./write-toml.ts";

export const tomlFunctions = functionTable({
  toToml: fixed(["any"], (value) => {
    try {
      return writeToml(value);
    } catch (error) {
      if (error instanceof FunctionError) return error.message;
      throw error;
    }
  }),
  fromToml: fixed(["string"], (text) => readMap(readToml, text)),
});
