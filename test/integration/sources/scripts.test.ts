import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";

import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const REPOSITORY = join(import.meta.dirname, "../../..");
const IMAGE = join(REPOSITORY, "images/kubernetes");
const SCRIPTS = readdirSync(join(IMAGE, "scripts"));

const folder = useTemporaryFolder();

/** Programs that would change this machine: each notes what it is called with. */
const FAKES: Readonly<Record<string, string>> = {
  id: "echo 0",
  ip: "",
  modprobe: "exit 1",
  nft: 'case "$1 $2" in "list tables") echo "table ip mine" ;; *) exit 1 ;; esac',
  iptables: "exit 1",
  ip6tables: "exit 1",
  "systemd-run": "",
  // Remembers which units are enabled and run; knows no others.
  systemctl: `
state=$UNITS/$2
case $1 in
  is-enabled) [ -e "$state.enabled" ] && echo enabled || { echo disabled; exit 1; } ;;
  is-active) [ -e "$state.active" ] && echo active || { echo inactive; exit 3; } ;;
  enable) : >"$state.enabled" ;;
  start | restart) : >"$state.active" ;;
  disable) rm -f "$UNITS/$3.enabled" "$UNITS/$3.active" ;;
esac`,
};

/** What the scripts need of a system; what else is installed on this machine is nothing to them. */
const TOOLS =
  "awk bash cat chmod cmp cp dirname env find grep losetup ls mkdir mktemp mount mv nsenter readlink rm rmdir sed sh sort stat tac umount xargs";

beforeEach(() => {
  mkdirSync(folder("tools"));
  for (const tool of TOOLS.split(" ")) symlinkSync(findProgram(tool), folder("tools", tool));
  for (const [name, text] of Object.entries(FAKES)) {
    put(`fakes/${name}`, `#!/bin/sh\necho "${name} $*" >>"$CALLS"\n${text}\n`, 0o755);
  }
  mkdirSync(folder("units"));
  cpSync(join(IMAGE, "scripts"), folder("rootfs/scripts"), { recursive: true });
  cpSync(join(IMAGE, "etc"), folder("rootfs/etc"), { recursive: true });
  for (const name of readdirSync(folder("rootfs/etc"))) {
    if (name.endsWith(".tmpl")) cpSync(folder("rootfs/etc", name), folder("rootfs/etc", name.slice(0, -5)));
  }
  for (const name of ["bin/kubeadm", "bin/kubelet", "cri/runc", "cri/ctr", "cri/containerd", "cri/registry"]) {
    put(`rootfs/${name}`, `new ${name}\n`, 0o755);
  }
  put("rootfs/cri/containerd-shim-runc-v2", "new shim\n", 0o755);
  put("rootfs/cni/bridge", "new bridge\n", 0o755);
  put("rootfs/images/shim/DefaultImageList", "registry.k8s.io/kube-proxy:v1.36.3\n");
  for (const name of ["registry/tls.crt", "registry/tls.key", "registry/ca.crt", "registry_htpasswd"]) {
    put(`rootfs/etc/${name}`, `content of ${name}\n`);
  }
  putHost();
});

function findProgram(name: string): string {
  const directories = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];
  const directory = directories.find((candidate) => existsSync(join(candidate, name)));
  if (directory === undefined) throw new Error(`This machine has no ${name}`);
  return join(directory, name);
}

/** A host that has some things of its own already. */
function putHost(): void {
  put("host/proc/filesystems", "nodev\toverlay\n");
  put("host/proc/net/tcp", "  sl  local_address rem_address   st\n   0: 00000000:0016 00000000:0000 0A\n");
  for (const [key, value] of [
    ["net/ipv4/ip_forward", "0"],
    ["net/bridge/bridge-nf-call-iptables", "1"],
    ["net/bridge/bridge-nf-call-ip6tables", "1"],
    ["vm/max_map_count", "1048576"],
    ["kernel/panic", "0"],
  ] as const) {
    put(`host/proc/sys/${key}`, `${value}\n`);
  }
  mkdirSync(folder("host/run/systemd/system"), { recursive: true });
  mkdirSync(folder("host/etc/systemd/system"), { recursive: true });
  mkdirSync(folder("host/var/lib/containerd"), { recursive: true });
  mkdirSync(folder("host/var/lib/kubelet"), { recursive: true, mode: 0o700 });
  put("host/usr/bin/runc", "the distribution's runc\n", 0o755);
  put("host/opt/cni/bin/mine", "a plugin of the user\n", 0o755);
  symlinkSync("/dev/null", folder("host/etc/crictl.yaml"));
}

function put(path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(folder(path)), { recursive: true });
  writeFileSync(folder(path), content);
  chmodSync(folder(path), mode);
}

function run(script: string, ...args: readonly string[]) {
  const env = {
    PATH: `${folder("fakes")}:${folder("tools")}`,
    ROOT: folder("host"),
    UNITS: folder("units"),
    CALLS: folder("calls"),
    SEALOS_SYS_RUN_MODE: "node",
  };
  const { status, stdout, stderr } = spawnSync("/bin/bash", [script, ...args], {
    cwd: folder("rootfs/scripts"),
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function initialise(): void {
  expect(run("init-registry.sh", "/var/lib/registry", "/etc/registry")).toMatchObject({ status: 0 });
  expect(run("init-cri.sh", "sealos.hub", "5000")).toMatchObject({ status: 0 });
  expect(run("init.sh")).toMatchObject({ status: 0 });
}

function clean(): void {
  const success = { status: 0, stderr: "" };
  expect(run("clean-registry.sh", "/var/lib/registry", "/etc/registry")).toMatchObject(success);
  expect(run("clean.sh")).toMatchObject(success);
  expect(run("clean-cri.sh", "/var/lib/containerd")).toMatchObject(success);
}

/** Everything of the host: path, mode and content. */
function listing(): string[] {
  const root = folder("host");
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .toSorted()
    .map((path) => {
      const stat = lstatSync(join(root, path));
      const mode = (stat.mode & 0o7777).toString(8);
      if (stat.isSymbolicLink()) return `${path} -> ${readlinkSync(join(root, path))}`;
      return stat.isDirectory() ? `${path}/ ${mode}` : `${path} ${mode} ${readFileSync(join(root, path), "utf8")}`;
    });
}

function calls(): string[] {
  const text = existsSync(folder("calls")) ? readFileSync(folder("calls"), "utf8") : "";
  rmSync(folder("calls"), { force: true });
  return text.split("\n");
}

test.for(SCRIPTS)("%s is accepted by bash", (name) => {
  execFileSync("bash", ["-n", join(IMAGE, "scripts", name)]);
});

test("the scripts have no finding of shellcheck", () => {
  const files = SCRIPTS.map((name) => join("scripts", name));
  const { error, stdout } = spawnSync("shellcheck", [...files, join(REPOSITORY, "make/build-cluster-image.sh")], {
    cwd: IMAGE,
    encoding: "utf8",
  });
  // Where it is not installed there is nothing to say.
  expect(error === undefined ? stdout : "").toBe("");
});

test("init scripts install what the image has, and clean scripts leave the host as it was", () => {
  const before = listing();
  initialise();
  expect(readFileSync(folder("host/usr/bin/runc"), "utf8")).toBe("new cri/runc\n");
  expect(lstatSync(folder("host/etc/registry/tls.key")).mode & 0o777).toBe(0o600);
  expect(lstatSync(folder("host/etc/containerd/certs.d/_default/hosts.toml")).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder("units")).toSorted()).toEqual([
    "containerd.service.active",
    "containerd.service.enabled",
    "kubelet.service.enabled",
    "registry.service.active",
    "registry.service.enabled",
  ]);
  // What Kubernetes, containerd and the client do afterwards.
  put("host/etc/kubernetes/pki/ca.key", "secret");
  put("host/var/lib/containerd/io.containerd.content/blob", "layer");
  put("host/var/lib/kubelet/config.yaml", "kind: KubeletConfiguration");
  put("host/opt/cni/bin/flannel", "plugin");
  put("host/etc/cni/net.d/10-flannel.conflist", "{}");
  put("host/run/xtables.lock", "");
  put("host/proc/sys/kernel/panic", "10");
  symlinkSync(folder("rootfs/registry"), folder("host/var/lib/registry"));
  clean();
  expect(listing().map((line) => line.trimEnd())).toEqual(before.map((line) => line.trimEnd()));
  expect(readdirSync(folder("units"))).toEqual([]);
  expect(readdirSync(folder("rootfs/.state"))).toEqual(["before"]);
});

test("init scripts raise what is too low, keep what is higher, and do so at the next boot too", () => {
  initialise();
  expect(readFileSync(folder("host/proc/sys/net/ipv4/ip_forward"), "utf8")).toBe("1");
  expect(readFileSync(folder("host/proc/sys/vm/max_map_count"), "utf8")).toBe("1048576\n");
  expect(readFileSync(folder("host/etc/sysctl.d/90-sealos-kubernetes.conf"), "utf8")).toBe(
    "net.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 1\nvm.max_map_count = 1048576\n",
  );
});

test("init scripts change nothing and restart nothing when they run again", () => {
  initialise();
  const before = listing();
  const journals = readFileSync(folder("rootfs/.state/cri.journal"), "utf8");
  calls();
  initialise();
  expect(listing()).toEqual(before);
  expect(readFileSync(folder("rootfs/.state/cri.journal"), "utf8")).toBe(journals);
  expect(calls().filter((call) => / (restart|enable|stop|disable) /.test(call))).toEqual([]);
});

test("init-cri.sh restarts containerd when its configuration has changed", () => {
  initialise();
  put("rootfs/etc/config.toml", "version = 3\n");
  calls();
  expect(run("init-cri.sh", "sealos.hub", "5000").status).toBe(0);
  expect(calls()).toContain("systemctl restart containerd.service");
});

test("clean scripts succeed when nothing was ever installed, and when they run again", () => {
  const before = listing();
  clean();
  expect(listing()).toEqual(before);
  initialise();
  clean();
  clean();
});

test("clean.sh starts the unit again that had the name before", () => {
  put("host/etc/systemd/system/kubelet.service", "the user's own\n");
  for (const state of ["enabled", "active"]) put(`units/kubelet.service.${state}`, "");
  initialise();
  expect(readFileSync(folder("host/etc/systemd/system/kubelet.service"), "utf8")).not.toBe("the user's own\n");
  clean();
  expect(readFileSync(folder("host/etc/systemd/system/kubelet.service"), "utf8")).toBe("the user's own\n");
  expect(readdirSync(folder("units")).toSorted()).toEqual(["kubelet.service.active", "kubelet.service.enabled"]);
});

test("init-registry.sh says which file is missing before it changes anything", () => {
  rmSync(folder("rootfs/etc/registry/tls.key"));
  const before = listing();
  const { status, stderr } = run("init-registry.sh", "/var/lib/registry", "/etc/registry");
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: `error: ${folder("rootfs")}/etc/registry/tls.key is missing: the client makes it before this script\n`,
  });
  expect(listing()).toEqual(before);
});

test("check.sh accepts a host that is free", () => {
  expect(run("check.sh", "/var/lib/registry")).toMatchObject({ status: 0, stdout: "the host can become a node\n" });
});

test("check.sh reports everything that is in the way, and changes nothing", () => {
  // 0x280A is 10250 and listens; the connection from 0x2808, which is 10248, does not.
  put("host/proc/net/tcp", "  sl\n   0: 00000000:280A 00000000:0000 0A\n   1: 0100007F:2808 0A00000A:1234 01\n");
  put("host/etc/kubernetes/kubelet.conf", "");
  put("host/var/lib/registry/somebody", "");
  put("fakes/dockerd", "", 0o755);
  const before = listing();
  const { status, stderr } = run("check.sh", "/var/lib/registry");
  expect({ status, lines: stderr.trimEnd().split("\n") }).toEqual({
    status: 1,
    lines: [
      "error: port 10250 is in use: see ss -ltnp",
      "error: dockerd is installed: uninstall it",
      "error: this host is a node of another cluster: /etc/kubernetes/kubelet.conf exists",
      "error: /var/lib/registry is not empty: move it away",
    ],
  });
  expect(listing()).toEqual(before);
});

test("check.sh does not take what we installed for somebody else's", () => {
  initialise();
  put("host/proc/net/tcp", "  sl\n   0: 00000000:280A 00000000:0000 0A\n");
  expect(run("check.sh", "/var/lib/registry").status).toBe(0);
});
