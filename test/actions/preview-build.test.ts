import { expect, test } from "vitest";

import { buildImage, type BuildRequest } from "../../src/actions/build-image.ts";
import { previewBuild } from "../../src/actions/preview-build.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { renderPreview } from "../../src/cli/render-build.ts";
import { buildRequest, openTestEnvironment, writeContext, type TestImageEnvironment } from "./image-environment.ts";

const ctx = backgroundContext();

const CACHE = { now: Date.now, reads: true, verifies: false, from: [], to: [] };

async function requestOf(environment: TestImageEnvironment, text: string): Promise<BuildRequest> {
  return { ...buildRequest(await writeContext(environment, { f: "file" }), text), cache: CACHE };
}

test("previewBuild() says what is made and what is in the cache, and changes nothing", async () => {
  await using environment = await openTestEnvironment();
  const text = "FROM scratch AS one\nCOPY f /f\nFROM scratch\nENV A=1\nCOPY --from=one /f /g\n";
  const request = await requestOf(environment, text);
  const before = await previewBuild(ctx, environment, request);
  expect(before).toMatchObject({
    names: ["localhost/web:v1"],
    platforms: [
      {
        platform: "linux/amd64",
        stages: [
          {
            index: 0,
            name: "one",
            base: "scratch",
            needs: [],
            layers: [{ instruction: "COPY f /f", isCached: false }],
          },
          {
            index: 1,
            needs: [0],
            steps: [
              { line: 4, instruction: "ENV A=1" },
              { line: 5, instruction: "COPY --from=one /f /g" },
            ],
            layers: [{ entries: 1, sizeBytes: 4, isCached: false }],
          },
        ],
      },
    ],
  });
  expect(await environment.store.list(ctx)).toEqual([]);
  await buildImage(ctx, environment, request);
  expect((await previewBuild(ctx, environment, request)).platforms[0]?.stages[1]?.layers?.[0]?.isCached).toBe(true);
});

test("previewBuild() pulls nothing: layers on images that are not here are not known", async () => {
  await using environment = await openTestEnvironment();
  const text = "FROM r.example/base:1 AS one\nCOPY f /f\nFROM one\nLABEL a=b\nFROM scratch\nCOPY --from=one /f /g\n";
  const preview = await previewBuild(ctx, environment, {
    ...(await requestOf(environment, text)),
    keepsUnusedStages: true,
  });
  expect(environment.repositories.size).toBe(0);
  expect(renderPreview(preview)).toBe(
    [
      "Platform linux/amd64, format oci, compression none",
      "  Stage 0 (one) from r.example/base:1",
      "    2: COPY f /f",
      "    Layers: not known, an image has to be pulled first",
      "  Stage 1 from stage 0, needs stage 0",
      "    4: LABEL a=b",
      "    Layers: not known, stage 0 is not known",
      "  Stage 2 from scratch, needs stage 0",
      "    6: COPY --from=one /f /g",
      "    Layers: not known, stage 0 is not known",
      "Name: localhost/web:v1",
    ].join("\n"),
  );
});

test("previewBuild() leaves what ADD fetches to the build", async () => {
  await using environment = await openTestEnvironment();
  const preview = await previewBuild(
    ctx,
    environment,
    await requestOf(environment, "FROM scratch\nADD https://h.example/x /x\n"),
  );
  expect(preview.platforms[0]?.stages[0]?.unknown).toBe("ADD has to be done first");
});

test("previewBuild() refuses what a build would refuse", async () => {
  await using environment = await openTestEnvironment();
  await expect(
    previewBuild(ctx, environment, await requestOf(environment, "FROM scratch\nCOPY missing /\n")),
  ).rejects.toThrow('Kubefile:2:6: error: "missing" is not in the build context');
});
