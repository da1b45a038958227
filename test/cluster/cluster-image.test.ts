import { expect, test } from "vitest";

import { findScript, toClusterImage } from "../../src/cluster/cluster-image.ts";
import { digestOf } from "../../src/oci/digest.ts";

const digest = digestOf("");

function imageWith(labels: Record<string, string>) {
  const config = {
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers" as const, diff_ids: [] },
    config: { Labels: labels, Env: ["PATH=/bin", "A=b=c"], Cmd: ["x"] },
  };
  return toClusterImage("localhost/x:1", { digest, config, files: new Map() });
}

test.each([
  [{}, "application"],
  [{ "sealos.io.type": "" }, "application"],
  [{ "sealos.io.type": "patch" }, "patch"],
  [{ "sealos.io.type": "addons" }, "patch"],
  [{ "apps.sealos.io/type": "patch" }, "patch"],
  [{ "sealos.io.type": "rootfs", "sealos.io.version": "v1beta1", version: "v1.36.3" }, "rootfs"],
])("toClusterImage() reads labels %j as %s", (labels, kind) => {
  expect(imageWith(labels)).toMatchObject({ kind, env: { A: "b=c" }, command: ["x"] });
  expect(imageWith(labels).env).not.toHaveProperty("PATH");
});

test.each([
  [{ "sealos.io.type": "plugin" }, 'Cannot run image "localhost/x:1": its label sealos.io.type is "plugin"'],
  [
    { "sealos.io.type": "rootfs" },
    'Cannot run rootfs image "localhost/x:1": its label sealos.io.version is "", wanted v1beta1 or v1beta2',
  ],
])("toClusterImage() refuses labels %j", (labels, message) => {
  expect(() => imageWith(labels)).toThrow(message);
});

test("findScript() prefers the label, falls back to the file, and leaves out what is optional", () => {
  const image = imageWith({ init: "init-cri.sh $registryDomain && bash init.sh" });
  expect(findScript(image, "init")).toBe("init-cri.sh $registryDomain && bash init.sh");
  expect(findScript(image, "clean")).toBe("clean.sh");
  expect(findScript(image, "init-cri")).toBeUndefined();
});
