import { mergeFunctions } from "../function.ts";
import type { FunctionTable } from "../function.ts";
import { jsonFunctions } from "../json/functions.ts";
import type { Sources } from "../sources.ts";
import { cryptoFunctions } from "./crypto/functions.ts";
import { dateFunctions } from "./dates.ts";
import { defaultFunctions } from "./defaults.ts";
import { dictionaryFunctions } from "./dictionaries.ts";
import { encodingFunctions } from "./encoding.ts";
import { environmentFunctions } from "./environment.ts";
import { flowFunctions } from "./flow.ts";
import { listFunctions } from "./lists.ts";
import { numberFunctions } from "./numbers.ts";
import { pathFunctions } from "./paths.ts";
import { randomFunctions } from "./random.ts";
import { regularExpressionFunctions } from "./regular-expressions.ts";
import { stringFunctions } from "./strings.ts";
import { typeFunctions } from "./types.ts";
import { urlFunctions } from "./urls.ts";
import { versionFunctions } from "./versions.ts";
import { wordFunctions } from "./words.ts";

/** Sprig 3.3. What a function needs from outside comes from the sources. */
export function sprigFunctions(sources: Sources): FunctionTable {
  return mergeFunctions(
    defaultFunctions,
    stringFunctions,
    wordFunctions,
    numberFunctions,
    listFunctions,
    dictionaryFunctions,
    typeFunctions,
    encodingFunctions,
    pathFunctions,
    urlFunctions,
    flowFunctions,
    jsonFunctions,
    versionFunctions,
    regularExpressionFunctions(),
    dateFunctions(sources),
    randomFunctions(sources),
    environmentFunctions(sources),
    cryptoFunctions(sources),
  );
}
