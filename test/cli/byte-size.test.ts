import { expect, test } from "vitest";

import { parseByteSize } from "../../src/cli/byte-size.ts";

test.for([
  ["1048576", 1_048_576],
  ["1M", 1_048_576],
  ["1.5MiB", 1_572_864],
  ["700mb", 700_000_000],
  ["4 G", 4_294_967_296],
] as const)("parseByteSize() reads %s", ([text, sizeBytes]) => {
  expect(parseByteSize("max-part-size", text)).toBe(sizeBytes);
});

test.for(["", "0", "-1", "4X", "G", "1e3", "99999999999T"])("parseByteSize() refuses %s", (text) => {
  expect(() => parseByteSize("max-part-size", text)).toThrow("--max-part-size");
});
