import { mergeFunctions } from "../function.ts";
import type { FunctionTable } from "../function.ts";
import { jsonFunctions } from "../json/functions.ts";
import { defaultFunctions } from "./defaults.ts";
import { dictionaryFunctions } from "./dictionaries.ts";
import { encodingFunctions } from "./encoding.ts";
import { flowFunctions } from "./flow.ts";
import { listFunctions } from "./lists.ts";
import { numberFunctions } from "./numbers.ts";
import { pathFunctions } from "./paths.ts";
import { regularExpressionFunctions } from "./regular-expressions.ts";
import { stringFunctions } from "./strings.ts";
import { typeFunctions } from "./types.ts";
import { wordFunctions } from "./words.ts";

/** Sprig 3.3 without what needs the world outside: its results depend on the arguments only. */
export const pureSprigFunctions: FunctionTable = mergeFunctions(
  defaultFunctions,
  stringFunctions,
  wordFunctions,
  numberFunctions,
  listFunctions,
  dictionaryFunctions,
  typeFunctions,
  encodingFunctions,
  pathFunctions,
  flowFunctions,
  jsonFunctions,
  regularExpressionFunctions(),
);
