import { expect, test } from "vitest";

import { toPatch } from "../../src/actions/patch-image.ts";

test("toPatch() makes a patch image of a part of a rootfs image, and leaves the kind of others", () => {
  const Labels = { "sealos.io.type": "rootfs", "apps.sealos.io/type": "rootfs", version: "v1.36.3" };
  expect(toPatch({ Cmd: ["a"], Labels })).toEqual({
    Cmd: ["a"],
    Labels: { "sealos.io.type": "patch", "apps.sealos.io/type": "patch", version: "v1.36.3" },
  });
  expect(toPatch({ Labels: { "sealos.io.type": "application" } })).toEqual({
    Labels: { "sealos.io.type": "application" },
  });
  expect(toPatch({ Cmd: ["a"] })).toEqual({ Cmd: ["a"] });
});
