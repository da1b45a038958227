import { expect, test } from "vitest";

import { readRunFlags, type RunFlags } from "../../../src/build/run/run-flags.ts";
import { parseKubefile } from "../../../src/kubefile/parse.ts";

function read(flags: string): RunFlags {
  const { source, escape, instructions } = parseKubefile(`FROM scratch\nRUN ${flags} true`, "Kubefile");
  const run = instructions.find((instruction) => instruction.kind === "RUN");
  if (run?.kind !== "RUN") throw new Error("no RUN");
  const variables = { args: new Map(), env: new Map() };
  return readRunFlags(run, { expansion: { escape, variables }, place: { source, span: run.span } });
}

test("readRunFlags() keeps mounts in their order and the network", () => {
  const { mounts, network } = read("--mount=type=tmpfs,target=/a --network=none --security=sandbox --mount=target=/b");
  expect(mounts.map(({ mount }) => mount.type)).toEqual(["tmpfs", "bind"]);
  expect(network).toBe("none");
});

test("readRunFlags() leaves the network to the build", () => {
  expect(read("")).toEqual({ mounts: [], network: undefined });
});

test.each([
  ["--network=bridge", 'Kubefile:2:5: error: Expected default, none or host, found "bridge"'],
  ["--security=insecure", "Commands never get more rights than the sandbox gives"],
  ["--security=none", 'Expected sandbox, found "none"'],
  ["--device=gpu", "--device is not possible"],
  ["--network=none --mount=type=tmpfs", "Kubefile:2:20: error: A mount of type tmpfs needs target=PATH"],
])("readRunFlags() refuses %s with its place", (flags, message) => {
  expect(() => read(flags)).toThrow(message);
});
