import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const temporary = useTemporaryFolder();
const SOURCE = join(import.meta.dirname, "../../../src");

/** Writes 400 MB that no program can pack, as large layers of images are, and prints the peak of the memory in MB. */
const PROGRAM = `
  import { createCipheriv } from "node:crypto";
  import { readFileSync } from "node:fs";
  const { writeLayer } = await import(${JSON.stringify(join(SOURCE, "archive/layer-writer.ts"))});
  const { backgroundContext } = await import(${JSON.stringify(join(SOURCE, "base/context.ts"))});
  const size = 4_000_000;
  const content = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(size));
  const entry = { type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size };
  const entries = Array.from({ length: 100 }, (_, index) => ({ entry: { ...entry, path: String(index) }, content }));
  const [destination, compression] = process.argv.slice(2);
  await writeLayer(backgroundContext(), entries, { destination, compression });
  console.log(Number(/VmHWM:\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1000);
`;

test.for(["none", "gzip", "zstd"])("writeLayer() takes no more than 250 MB whatever the size (%s)", (compression) => {
  writeFileSync(temporary("main.mjs"), PROGRAM);
  const argv = [temporary("main.mjs"), temporary("layer"), compression];
  const peak = execFileSync(process.execPath, argv, { encoding: "utf8" });
  expect(Number(peak)).toBeLessThan(250);
});
