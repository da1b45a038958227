import { expect, test } from "vitest";

import { parseChallenges } from "../../../src/registry/client/challenge.ts";

test.each([
  [
    "one challenge with its parameters",
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    [
      {
        scheme: "bearer",
        parameters: {
          realm: "https://auth.docker.io/token",
          service: "registry.docker.io",
          scope: "repository:a/b:pull,push",
        },
      },
    ],
  ],
  [
    "several challenges in one header",
    'Basic realm="a, b", Bearer realm="https://auth.example/token"',
    [
      { scheme: "basic", parameters: { realm: "a, b" } },
      { scheme: "bearer", parameters: { realm: "https://auth.example/token" } },
    ],
  ],
  [
    "names in any case, blanks and values without quotes",
    "BASIC  Realm = private ,charset=UTF-8",
    [{ scheme: "basic", parameters: { realm: "private", charset: "UTF-8" } }],
  ],
  [
    "quoted quotes",
    String.raw`Basic realm="say \"hello\""`,
    [{ scheme: "basic", parameters: { realm: 'say "hello"' } }],
  ],
  ["a parameter twice, the first counts", "Basic realm=a,realm=b", [{ scheme: "basic", parameters: { realm: "a" } }]],
  ["a scheme alone", "Negotiate", [{ scheme: "negotiate", parameters: {} }]],
  ["a parameter without a scheme", 'realm="x"', []],
  ["nothing", "", []],
])("parseChallenges() reads %s", (_, header, expected) => {
  expect(parseChallenges(header)).toEqual(expected);
});
