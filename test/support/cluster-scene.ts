import { backgroundContext } from "../../src/base/context.ts";
import { Secret } from "../../src/base/secret.ts";
import { toClusterImage, type ClusterImage } from "../../src/cluster/cluster-image.ts";
import { ClusterRun } from "../../src/cluster/cluster-run.ts";
import type { Phase } from "../../src/cluster/phase.ts";
import { applyRunRequest } from "../../src/cluster/run-request.ts";
import { textFile } from "../../src/cluster/tree/host-tree.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { RecordingHost, type Rule } from "./recording-host.ts";

/** What a machine says of itself, but for its name. */
export const MACHINE = `@@time
1700000000.0
@@architecture
x86_64
@@cgroup
cgroup2fs
@@cpu
4
@@memory
MemTotal: 8000000 kB
@@root-disk
/dev/sda 100000000 1 90000000 1% /
@@disks
/dev/sda 100000000 1 90000000 1% /
@@systemd
yes
@@capabilities
CapEff: 000001ffffffffff
`;

const SCRIPT = { "scripts/init.sh": "#!/bin/sh\n" };

const IMAGES: Readonly<Record<string, ClusterImage>> = {
  kubernetes: image("kubernetes", {
    Labels: {
      "sealos.io.type": "rootfs",
      "sealos.io.version": "v1beta1",
      version: "v1.36.3",
      init: "init-cri.sh $registryDomain && bash init.sh",
    },
    Env: ["registryDomain=sealos.hub", "registryPort=5000"],
  }),
  web: image("web", { Env: ["NAME=web", "TOKEN=s3cret"], Cmd: ["kubectl apply -f $(NAME).yaml", "login $TOKEN"] }),
};

function image(name: string, config: object, files: Readonly<Record<string, string>> = SCRIPT): ClusterImage {
  return toClusterImage(name, {
    digest: digestOf(name),
    config: { os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [] }, config },
    files: new Map(Object.entries(files).map(([path, text]) => [path, textFile(text, 0o755)])),
  });
}

export interface ClusterScene {
  readonly run: ClusterRun;
  /** By address. */
  readonly host: (address: string) => RecordingHost;
  /** Plans and performs a phase; the calls of all hosts in their order. */
  readonly perform: (phase: Phase<ClusterRun>) => Promise<readonly string[]>;
}

export interface ClusterSceneOptions {
  readonly masters: string;
  readonly nodes?: string;
  readonly images?: readonly string[];
  /** More images: configuration and files. */
  readonly made?: Readonly<Record<string, { config: object; files: Readonly<Record<string, string>> }>>;
  /** Answers of every host, before the usual ones. */
  readonly rules?: readonly Rule[];
  readonly registryPassword?: string;
}

/** A run over machines that are not there. */
export function clusterScene({
  masters,
  nodes = "",
  images = ["kubernetes"],
  made = {},
  rules = [],
  registryPassword = "registry-password",
}: ClusterSceneOptions): ClusterScene {
  const ctx = backgroundContext();
  const clusterfile = applyRunRequest(undefined, {
    cluster: "default",
    images,
    masters,
    nodes,
    ssh: {},
    env: {},
    command: undefined,
    refinements: [],
    ownAddress: undefined,
  });
  const machines = new Map(
    clusterfile.cluster.hosts.map(({ address }) => [
      address,
      new RecordingHost([...rules, ["@@%s", `@@hostname\nhost-${address}\n${MACHINE}`]]),
    ]),
  );
  const host = (address: string): RecordingHost => {
    const machine = machines.get(address);
    if (!machine) throw new Error(`No machine ${address}`);
    return machine;
  };
  const run = new ClusterRun({
    clusterfile,
    hosts: clusterfile.cluster.hosts.map((spec) => ({ ...spec, transport: host(spec.address) })),
    mountImage: async (_, name) => IMAGES[name] ?? image(name, made[name]?.config ?? {}, made[name]?.files),
    openRegistryAccess: async () => ({
      username: "admin",
      password: new Secret(registryPassword),
      htpasswd: new Secret("admin:hash\n"),
      authority: "CA",
      server: { certificate: "CERT", privateKey: new Secret("KEY") },
    }),
    dataRoot: "/data",
    version: "1.0.0",
    looksAtHosts: true,
    force: false,
  });
  return {
    run,
    host,
    async perform(phase) {
      for (const wave of await phase.plan(ctx, run)) for (const step of wave) if (!step.isDone) await step.perform(ctx);
      return [...machines].flatMap(([address, { calls }]) => calls.map((call) => `${address} ${call}`));
    },
  };
}
