import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { planSources } from "../../src/sources/plan-sources.ts";
import { readSources } from "../../src/sources/read-sources.ts";

const REPOSITORY = join(import.meta.dirname, "../..");
const FOLDERS = ["images", "kubefiles"].flatMap((folder) =>
  readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("sources.yaml"))
    .map((path) => join(REPOSITORY, folder, path, "..")),
);

test.for(FOLDERS)(
  "the sources in %s can be planned for all versions and architectures, and their modules are locked",
  async (folder) => {
    const { file, lock } = await readSources(folder);
    for (const version of Object.keys(file.versions ?? { "": {} })) {
      for (const architecture of ["amd64", "arm64"]) {
        const { artifacts } = planSources(file, { architecture, arguments: version === "" ? {} : { version } });
        for (const { module } of artifacts) {
          if (!module) continue;
          const [goMod, goSum] = ["go.mod", "go.sum"].map((name) => sha256Of(join(folder, module.directory, name)));
          expect(lock.modules[module.directory]).toMatchObject({ goMod, goSum });
        }
      }
    }
  },
);

test.for([
  [
    "v1.36.3",
    "registry.k8s.io/coredns/coredns:v1.14.2",
    "registry.k8s.io/etcd:3.6.8-0",
    "registry.k8s.io/pause:3.10.2",
  ],
  [
    "v1.35.4",
    "registry.k8s.io/coredns/coredns:v1.13.1",
    "registry.k8s.io/etcd:3.6.6-0",
    "registry.k8s.io/pause:3.10.1",
  ],
] as const)("the Kubernetes image lists what kubeadm of %s asks for", async ([version, ...others]) => {
  const { file } = await readSources(join(REPOSITORY, "images/kubernetes"));
  const { artifacts } = planSources(file, { architecture: "amd64", arguments: { version } });
  const list = artifacts.find(({ name }) => name === "image-list")?.text?.["images/shim/DefaultImageList"];
  const components = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"];
  expect(list?.toSorted()).toEqual(
    [...components.map((name) => `registry.k8s.io/${name}:${version}`), ...others].toSorted(),
  );
});

function sha256Of(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
