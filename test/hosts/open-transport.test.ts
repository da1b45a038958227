import { expect, test } from "vitest";

import { isThisMachine } from "../../src/hosts/open-transport.ts";

test.each([
  ["127.0.0.1", undefined, true],
  ["127.0.0.1", 22, true],
  ["127.0.0.1", 2222, false],
  ["127.0.1.1", undefined, true],
  ["localhost", undefined, true],
  ["::1", undefined, true],
  ["10.0.0.5", undefined, true],
  ["10.0.0.5", 2222, false],
  ["110.0.0.5", undefined, false],
  ["127.0.0.1.example.com", undefined, false],
])("isThisMachine() of %s with port %s is %s", (address, port, expected) => {
  expect(isThisMachine({ address, port }, ["10.0.0.5", "fe80::1"])).toBe(expected);
});
