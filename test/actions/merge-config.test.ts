import { expect, test } from "vitest";

import { mergeExecution } from "../../src/actions/merge-config.ts";
import type { ExecutionConfig, ImageConfig } from "../../src/oci/image-config.ts";

function image(config: ExecutionConfig): ImageConfig {
  return { architecture: "amd64", os: "linux", config, rootfs: { type: "layers", diff_ids: [] } };
}

test("mergeExecution() unites labels and environment, the later image wins, and joins commands", () => {
  const first = image({
    Env: ["PATH=/bin", "B=1", "SPACE=a b"],
    Cmd: ['echo "$B" $HOME'],
    Labels: { keep: "1", both: "first" },
    WorkingDir: "/x",
  });
  const second = image({ Env: ["B=2", "A=3"], Entrypoint: ["before"], Cmd: ["after"], Labels: { both: "second" } });
  expect(mergeExecution([first, second])).toEqual({
    Env: ["A=3", "B=2", "SPACE=a b"],
    Entrypoint: ["before"],
    Cmd: ['echo "$B" $HOME', "after"],
    Labels: { keep: "1", both: "second" },
  });
});

test("mergeExecution() makes a rootfs image when one of them is", () => {
  const rootfs = image({ Labels: { "sealos.io.type": "rootfs", version: "v1.36.3" } });
  const patch = image({ Labels: { "sealos.io.type": "patch" } });
  expect(mergeExecution([rootfs, patch])).toEqual({
    Labels: { "sealos.io.type": "rootfs", "apps.sealos.io/type": "rootfs", version: "v1.36.3" },
  });
});

test("mergeExecution() says nothing when the images say nothing", () => {
  expect(mergeExecution([image({}), image({ Env: ["PATH=/bin"] })])).toEqual({});
});
