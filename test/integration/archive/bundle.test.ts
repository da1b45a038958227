import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";

import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const temporary = useTemporaryFolder();
const SOURCE = join(import.meta.dirname, "../../../src");

const PROGRAM = `
  const { writeLayer } = await import(${JSON.stringify(join(SOURCE, "archive/layer-writer.ts"))});
  const { backgroundContext } = await import(${JSON.stringify(join(SOURCE, "base/context.ts"))});
  const size = 40 * 1024 * 1024;
  const entry = { path: "zeros", type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size };
  const options = { destination: process.argv[2], compression: "none" };
  const { sha256 } = await writeLayer(backgroundContext(), [{ entry, content: Buffer.alloc(size) }], options);
  console.log(sha256);
`;

test("writeLayer() finds its hashing thread in a split bundle that has it as an entry point", async () => {
  writeFileSync(temporary("main.ts"), PROGRAM);
  await build({
    entryPoints: [temporary("main.ts"), join(SOURCE, "archive/hash-worker.ts")],
    entryNames: "[name]",
    outdir: temporary("dist"),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    outExtension: { ".js": ".js" },
    logLevel: "error",
  });
  writeFileSync(temporary("dist/package.json"), '{"type":"module"}');
  const output = execFileSync(process.execPath, [temporary("dist/main.js"), temporary("layer")], { encoding: "utf8" });
  expect(output.trim()).toBe(
    createHash("sha256")
      .update(readFileSync(temporary("layer")))
      .digest("hex"),
  );
});
