import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import { RegistryFolder } from "../../../src/registry/storage/filesystem.ts";
import { MemoryRegistry } from "../../../src/registry/storage/memory.ts";
import type { RegistryStorage } from "../../../src/registry/storage/storage.ts";
import { CONFORMANCE, goProgram } from "../../support/go-program.ts";
import { startOurRegistry } from "./our-registry.ts";

const run = promisify(execFile);
let program = "";
let folder = "";

beforeAll(async () => {
  program = await goProgram(CONFORMANCE);
}, 300_000);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "conformance-test-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Everything that the suite can ask for, but manifests whose layers are not there: those are refused here. */
const SETTINGS = {
  OCI_TLS: "disabled",
  OCI_LOG: "error",
  OCI_API_BLOBS_DIGEST_HEADER: "true",
  OCI_API_BLOBS_UPLOAD_CANCEL: "true",
  OCI_API_MANIFESTS_DIGEST_HEADER: "true",
  OCI_API_MANIFESTS_TAG_PARAM: "true",
};

const storages: readonly (readonly [string, () => RegistryStorage])[] = [
  ["a folder", () => new RegistryFolder(join(folder, "content"))],
  ["memory", () => new MemoryRegistry({ limitBytes: 100_000_000 })],
];

// Mounting without a source is left out by the specification's leave: it would show who else has a blob.
test.each(storages)(
  "a registry over %s passes the conformance tests of the specification",
  async (_, open) => {
    const server = await startOurRegistry({ storage: open() });
    const results = join(folder, "results");
    try {
      const environment = { ...SETTINGS, OCI_REGISTRY: server.name, OCI_RESULTS_DIR: results };
      await run(program, [], { cwd: folder, env: environment });
    } finally {
      await server.close();
    }
    const summary = /<testsuite name="OCI Conformance Test" tests="(\d+)" failures="0" errors="0" skipped="(\d+)"/.exec(
      await readFile(join(results, "junit.xml"), "utf8"),
    );
    expect(Number(summary?.[1])).toBeGreaterThanOrEqual(854);
    expect(Number(summary?.[2])).toBeLessThanOrEqual(4);
  },
  120_000,
);
