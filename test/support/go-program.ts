import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

import { backgroundContext } from "../../src/base/context.ts";
import { withFileLock } from "../../src/base/file-lock.ts";

const run = promisify(execFile);

/** A program of a Go module, at a version that Go's checksum database vouches for. */
export interface GoProgram {
  /** The package of its `main`. */
  readonly path: string;
  readonly version: string;
  /** Build tags, for what is left out. */
  readonly tags?: readonly string[];
}

export const CRANE: GoProgram = { path: "github.com/google/go-containerregistry/cmd/crane", version: "v0.22.1" };

/** The distribution registry of today; Debian's is older. */
export const DISTRIBUTION: GoProgram = {
  path: "github.com/distribution/distribution/v3/cmd/registry",
  version: "v3.1.2",
};

export const HELM: GoProgram = { path: "helm.sh/helm/v3/cmd/helm", version: "v3.21.4" };

/** The tests that the distribution specification comes with. */
export const CONFORMANCE: GoProgram = {
  path: "github.com/opencontainers/distribution-spec/conformance",
  version: "v0.0.0-20260831232431-97274622c111",
};

export const CTR: GoProgram = { path: "github.com/containerd/containerd/v2/cmd/ctr", version: "v2.4.2" };

/** Without what runs pods. */
export const CONTAINERD: GoProgram = {
  path: "github.com/containerd/containerd/v2/cmd/containerd",
  version: "v2.4.2",
  tags: ["no_cri", "no_btrfs", "no_devmapper", "no_zfs", "no_tracing"],
};

/** Builds a program once on this machine; later calls find it in the cache. Needs Go and its module proxy. */
export async function goProgram({ path, version, tags = [] }: GoProgram): Promise<string> {
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "sealos/test-programs");
  const program = join(cache, `${basename(path)}-${version}`);
  await mkdir(cache, { recursive: true });
  await withFileLock(backgroundContext(), `${program}.lock`, async () => {
    if (await exists(program)) return;
    const folder = await mkdtemp(join(cache, "build-"));
    try {
      const env = { ...process.env, GOBIN: folder, GOFLAGS: "-mod=mod", CGO_ENABLED: "0" };
      await run("go", ["install", "-tags", tags.join(","), `${path}@${version}`], { env });
      await rename(join(folder, basename(path)), program);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return program;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
