import { generateGroups } from "./generate.ts";

/** Prints the generated templates for the oracle. */
process.stdout.write(`${JSON.stringify(generateGroups())}\n`);
