import { expect, test } from "vitest";

import { parseCacheLocation, parseOutput } from "../../src/cli/build-places.ts";

test.each([
  ["./cache", { type: "local", folder: "/work/cache" }],
  ["..", { type: "local", folder: "/" }],
  ["/c", { type: "local", folder: "/c" }],
  ["type=local,src=c", { type: "local", folder: "/work/c" }],
  ["type=local,dest=/c,mode=max", { type: "local", folder: "/c" }],
  ["registry.example/cache", { type: "registry", reference: "registry.example/cache" }],
  ["type=registry,ref=r.example/c:v1", { type: "registry", reference: "r.example/c:v1" }],
  ["ref=r.example/c", { type: "registry", reference: "r.example/c" }],
])("parseCacheLocation() reads %j", (text, expected) => {
  expect(parseCacheLocation("cache-from", text, "/work")).toEqual(expected);
});

test.each(["type=local", "type=registry,src=x", "type=gha", "type=local,ref=x"])(
  "parseCacheLocation() refuses %j",
  (text) => {
    expect(() => parseCacheLocation("cache-to", text, "/work")).toThrow(
      `Invalid value "${text}" of --cache-to: expected type=local,src=DIR, `,
    );
  },
);

test.each([
  ["out", { type: "local", destination: "/work/out" }],
  ["-", { type: "tar", destination: "/dev/stdout" }],
  ["type=tar,dest=-", { type: "tar", destination: "/dev/stdout" }],
  ["type=tar,dest=x.tar", { type: "tar", destination: "/work/x.tar" }],
  ["type=local,dest=/d", { type: "local", destination: "/d" }],
  ["type=oci,dest=x", { type: "oci", destination: "/work/x" }],
])("parseOutput() reads %j", (text, expected) => {
  expect(parseOutput(text, "/work")).toEqual(expected);
});

test.each(["", "type=tar", "type=docker,dest=x", "type=local,dest=-"])("parseOutput() refuses %j", (text) => {
  expect(() => parseOutput(text, "/work")).toThrow(`Invalid value "${text}" of --output: expected DIR, -, `);
});
