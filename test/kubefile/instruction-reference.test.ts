import { expect, test } from "vitest";

import { FLAGS } from "../../src/kubefile/grammar.ts";
import { FLAG_HELP, INSTRUCTIONS } from "../../src/kubefile/instruction-reference.ts";
import { parseKubefile } from "../../src/kubefile/parse.ts";

test.each(Object.entries(INSTRUCTIONS))("the example of %s is a Kubefile that uses it", (kind, { example }) => {
  expect(parseKubefile(example, kind).instructions.map((instruction) => instruction.kind)).toContain(kind);
});

test("every flag of the grammar has its help, and no other has", () => {
  const flags = new Set(Object.values(FLAGS).flatMap((own) => Object.keys(own)));
  expect(Object.keys(FLAG_HELP).toSorted()).toEqual([...flags].toSorted());
});
