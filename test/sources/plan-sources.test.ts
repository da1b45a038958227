import { expect, test } from "vitest";

import { planSources } from "../../src/sources/plan-sources.ts";
import { parseSourcesFile } from "../../src/sources/sources-file.ts";

const FILE = parseSourcesFile(
  `
arguments: { version: v1.36.3, runc: 1.5.2 }
versions:
  v1.36.3: { pause: 3.10.2 }
  v1.35.4: { pause: 3.10.1 }
artifacts:
  - name: runc
    release:
      - url: https://example.com/v\${runc}/runc.\${architecture}
        program: cri/runc
  - name: list
    text:
      images/shim/\${version}: ["registry.k8s.io/pause:\${pause}"]
`,
  "sources.yaml",
);

test("planSources() puts arguments, version values and the architecture into all texts and keys", () => {
  const plan = planSources(FILE, { architecture: "arm64", arguments: { version: "v1.35.4" } });
  expect(plan.values).toEqual({ version: "v1.35.4", runc: "1.5.2", pause: "3.10.1", architecture: "arm64" });
  expect(plan.artifacts).toMatchObject([
    { release: [{ url: "https://example.com/v1.5.2/runc.arm64", program: "cri/runc" }] },
    { text: { "images/shim/v1.35.4": ["registry.k8s.io/pause:3.10.1"] } },
  ]);
});

test("planSources() names the closest argument when there is no such argument", () => {
  expect(() => planSources(FILE, { architecture: "amd64", arguments: { verison: "v1.35.4" } })).toThrow(
    expect.objectContaining({
      message: 'Cannot set argument "verison": the sources have no such argument',
      hint: 'Did you mean "version"?',
    }),
  );
});

test("planSources() lists the versions when the version is another one", () => {
  expect(() => planSources(FILE, { architecture: "amd64", arguments: { version: "v1.2.3" } })).toThrow(
    expect.objectContaining({ code: "INVALID_INPUT", hint: "Use one of v1.36.3, v1.35.4" }),
  );
});

test.for([
  ["an unknown argument", "{ name: a, text: { 'f-${nothing}': [] } }", 'there is no argument "nothing"'],
  ["two artifacts with one path", "{ name: a, text: { f: [] } }, { name: b, text: { f: [] } }", '"a" and "b" both'],
  ["a path that leads outside", "{ name: a, text: { '../f': [] } }", '".." part'],
  ["an absolute path", "{ name: a, text: { '/f': [] } }", "absolute"],
  ["an artifact without a source", "{ name: a }", "expected a release, one other source, or both"],
  [
    "a release without a program",
    "{ name: a, release: [{ url: 'https://x/y' }] }",
    "needs either a program or members",
  ],
  [
    "two programs of one name",
    "{ name: a, module: { directory: d, require: [], programs: { x: m/cmd/p, y: m/other/p } } }",
    'two programs are called "p"',
  ],
] as const)("planSources() refuses %s", ([, artifacts, message]) => {
  const file = parseSourcesFile(`artifacts: [${artifacts}]`, "sources.yaml");
  expect(() => planSources(file, { architecture: "amd64", arguments: {} })).toThrow(message);
});
