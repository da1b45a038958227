import { expect, test } from "vitest";

import { parseHtpasswd } from "../../../src/registry/server/login.ts";

const hash = `$2y$10$${"a".repeat(53)}`;

test("parseHtpasswd() reads users and leaves comments out", () => {
  expect([...parseHtpasswd(`# users\nalice:${hash}\r\n\nbob:${hash}\n`)]).toEqual([
    ["alice", hash],
    ["bob", hash],
  ]);
});

test.each(["alice", `:${hash}`, "alice:plain", "alice:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="])(
  "parseHtpasswd() refuses %s and names the line only",
  (line) => {
    expect(() => parseHtpasswd(`bob:${hash}\n${line}`)).toThrow(
      /^Cannot read line 2 of the htpasswd file: expected user:hash, the hash of bcrypt$/,
    );
  },
);
