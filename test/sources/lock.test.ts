import { expect, test } from "vitest";

import { EMPTY_LOCK, parseLock, renderLock } from "../../src/sources/lock.ts";

const HASH = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

test("renderLock() sorts all keys, and parseLock() reads it back", () => {
  const lock = { lockVersion: 1, releases: { "https://b": HASH, "https://a": HASH }, modules: {} } as const;
  const text = renderLock(lock);
  expect(text).toBe(
    `{\n  "lockVersion": 1,\n  "modules": {},\n  "releases": {\n    "https://a": "${HASH}",\n    "https://b": "${HASH}"\n  }\n}\n`,
  );
  expect(parseLock(text, "sources.lock")).toEqual(lock);
});

test.for([
  ["no JSON", "{"],
  ["another version", '{ "lockVersion": 2, "releases": {}, "modules": {} }'],
  ["a hash that is none", '{ "lockVersion": 1, "releases": { "https://a": "abc" }, "modules": {} }'],
] as const)("parseLock() refuses %s", ([, text]) => {
  expect(() => parseLock(text, "sources.lock")).toThrow(/^Cannot read lock "sources.lock": /);
});

test("EMPTY_LOCK is a lock", () => {
  expect(parseLock(renderLock(EMPTY_LOCK), "sources.lock")).toEqual(EMPTY_LOCK);
});
