import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

import { hostsFileCommand, hostsFileQuery, renderHostsLines } from "../../src/cluster/hosts-file.ts";
import type { Command } from "../../src/hosts/command.ts";

const directory = mkdtempSync(join(tmpdir(), "hosts-file-"));
const file = join(directory, "hosts");
afterAll(() => rmSync(directory, { recursive: true }));

/** The command as it is, on a file of the test's own. */
function onFile({ argv }: Command): string {
  const [program, ...args] = argv.map((word) => word.replaceAll("/etc/hosts", file));
  return execFileSync(program ?? "", args, { encoding: "utf8" });
}

const ENTRIES = [
  { address: "10.0.0.1", name: "sealos.hub" },
  { address: "10.0.0.2", name: "apiserver.cluster.local" },
];

test("hostsFileCommand() adds, replaces and removes exactly its own lines", () => {
  const original = "127.0.0.1 localhost\n10.9.9.9 other # sealos:prod2\n";
  writeFileSync(file, original);
  onFile(hostsFileCommand("prod", ENTRIES));
  onFile(hostsFileCommand("prod", ENTRIES));
  expect(readFileSync(file, "utf8")).toBe(
    `${original}10.0.0.1 sealos.hub # sealos:prod\n10.0.0.2 apiserver.cluster.local # sealos:prod\n`,
  );
  expect(onFile(hostsFileQuery("prod"))).toBe(renderHostsLines("prod", ENTRIES));
  onFile(hostsFileCommand("prod", []));
  expect(readFileSync(file, "utf8")).toBe(original);
});
