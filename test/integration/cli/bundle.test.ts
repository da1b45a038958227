import { build, type Metafile } from "esbuild";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

/** Everything that is read before a command is chosen: the entry and what it imports without `import()`. */
function eagerOutputs({ outputs }: Metafile, entry: string): readonly string[] {
  const reached = new Set<string>([entry]);
  for (const file of reached) {
    for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === "import-statement") reached.add(path);
  }
  return [...reached].filter((file) => file in outputs);
}

test("sealos --help reads little code and no package: commands load when they run", async () => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { main: "src/main.ts" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    outdir: "dist",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const eager = eagerOutputs(metafile, "dist/main.js").map((file) => metafile.outputs[file]);
  const inputs = eager.flatMap((output) => Object.keys(output?.inputs ?? {}));
  expect(
    inputs.filter((input) => /node_modules|src\/(?:actions|build|store|cluster|cli\/commands)\//.test(input)),
  ).toEqual([]);
  expect(eager.reduce((sum, output) => sum + (output?.bytes ?? 0), 0)).toBeLessThan(100_000);
});
