import { afterAll, beforeAll, expect, test } from "vitest";

import { backgroundContext } from "../../src/base/context.ts";
import { openScene, type Scene } from "./support.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await openScene(backgroundContext(), { hosts: 1 });
});
afterAll(async () => await scene[Symbol.asyncDispose]());

test("sealos() runs the built command with a home of its own when nothing else is said", async () => {
  const { exitCode, stdout } = await scene.sealos(["env"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`SEALOS_RUNTIME_ROOT=${scene.home}/clusters\nSEALOS_DATA_ROOT=/var/lib/sealos\n`);
  expect(stdout).toContain(`SEALOS_STORE=${scene.home}/images\n`);
});

test("sealos() gives the exit code and the error when a command fails", async () => {
  const { exitCode, stderr } = await scene.sealos(["inspect", "localhost/absent:v1"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("localhost/absent:v1");
});
