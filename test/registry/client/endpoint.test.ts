import { expect, test } from "vitest";

import { apiHost, isLoopback } from "../../../src/registry/client/endpoint.ts";

test("apiHost() is the host of the name, except for Docker Hub", () => {
  expect(apiHost("docker.io")).toBe("registry-1.docker.io");
  expect(apiHost("registry.k8s.io")).toBe("registry.k8s.io");
  expect(apiHost("127.0.0.1:5000")).toBe("127.0.0.1:5000");
});

test.each([
  ["localhost", true],
  ["localhost:5000", true],
  ["127.0.0.1:5000", true],
  ["127.1.2.3", true],
  ["[::1]:5000", true],
  ["127.0.0.1.example.com", false],
  ["localhost.example.com", false],
  ["10.0.0.1:5000", false],
  ["registry.k8s.io", false],
  ["not a host", false],
])("isLoopback() of %s is %s", (registry, expected) => {
  expect(isLoopback(registry)).toBe(expected);
});
