import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { backgroundContext } from "../../src/base/context.ts";
import { Secret } from "../../src/base/secret.ts";
import { command } from "../../src/hosts/command.ts";
import type { SshLogin } from "../../src/hosts/ssh-login.ts";
import { sshTransport } from "../../src/hosts/ssh-transport.ts";
import type { LabHost } from "../lab/host.ts";
import { listLabs, openLab, startLab, stopLab, type Lab } from "../lab/lab.ts";
import { diffListings, listHost } from "../lab/listing.ts";

const ctx = backgroundContext();
let lab: Lab;
let first: LabHost;
let second: LabHost;

beforeAll(async () => {
  lab = await startLab(ctx, { hosts: 2 });
  [first, second] = [hostOf(lab, 0), hostOf(lab, 1)];
});
afterAll(async () => await stopLab(ctx, lab.name));

function hostOf({ hosts }: Lab, position: number): LabHost {
  const host = hosts[position];
  if (!host) throw new Error(`The lab has no host ${position}`);
  return host;
}

async function userOf(login: SshLogin): Promise<string> {
  const host = sshTransport(login, { knownHostsFile: lab.knownHostsFile });
  try {
    return (await host.query(ctx, command(["sh", "-c", 'echo "${SUDO_USER:-$LOGNAME} as $(id -un)"']))).stdout.trim();
  } finally {
    await host.close();
  }
}

async function* megabytes(count: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield Buffer.alloc(1_000_000, index);
}

async function reaches(from: LabHost, to: LabHost): Promise<boolean> {
  return (await from.exec(ctx, 'ping -c 1 -W 1 "$1" >/dev/null && echo yes || echo no', to.address)).trim() === "yes";
}

test("startLab() makes hosts whose systemd runs without a failed unit", async () => {
  expect((await first.exec(ctx, "systemctl is-system-running || systemctl --failed")).trim()).toBe("running");
  expect((await second.exec(ctx, "hostname")).trim()).toBe("node2");
});

test("startLab() makes root and the sudo user log in with passwords and with the key", async () => {
  const { address } = first;
  const rootPassword = new Secret(lab.rootPassword);
  const sudoPassword = new Secret(lab.sudoPassword);
  const privateKeyFile = lab.keyFile;
  expect([
    await userOf({ address, user: "root", password: rootPassword }),
    await userOf({ address, user: lab.sudoUser, password: sudoPassword }),
    await userOf({ address, user: "root", privateKeyFile }),
    await userOf({ address, user: lab.sudoUser, privateKeyFile, password: sudoPassword }),
  ]).toEqual(["root as root", "ops as root", "root as root", "ops as root"]);
});

test("hosts can make cgroups, mount overlays in the services' folders and read the kernel's log", async () => {
  await first.exec(
    ctx,
    `set -e
    for group in /sys/fs/cgroup/memory /sys/fs/cgroup; do if [ -w $group ]; then mkdir $group/probe; rmdir $group/probe; break; fi; done
    for service in containerd kubelet etcd sealos; do
      cd /var/lib/$service; mkdir lower upper work root
      mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work root; umount root; rm -rf lower upper work root
    done
    test -r /dev/kmsg`,
  );
});

test("LabHost.kill() ends a host at once when it works, and revive() starts it from the same disk", async () => {
  await second.exec(ctx, "echo kept >/root/file; ip link add probe type bridge; sync");
  await second.kill(ctx);
  expect([await second.isRunning(), await reaches(first, second)]).toEqual([false, false]);

  await second.revive(ctx);
  expect(await reaches(first, second)).toBe(true);
  expect(await second.exec(ctx, "cat /root/file; ip link show probe >/dev/null 2>&1 || echo gone; rm /root/file")).toBe(
    "kept\ngone\n",
  );
});

test("LabHost.cutOff() keeps a host running alone when it works, until reconnect()", async () => {
  await second.cutOff(ctx);
  expect([await second.isRunning(), await reaches(second, first)]).toEqual([true, false]);
  await second.reconnect(ctx);
  expect(await reaches(second, first)).toBe(true);
});

test("LabHost.readReceivedBytes() counts what came over the network when content is sent", async () => {
  const host = sshTransport(
    { address: first.address, user: "root", privateKeyFile: lab.keyFile },
    {
      knownHostsFile: lab.knownHostsFile,
    },
  );
  const before = await first.readReceivedBytes();
  await host.send(ctx, command(["sh", "-c", "cat >/dev/null"]), megabytes(5));
  await host.close();
  const receivedBytes = (await first.readReceivedBytes()) - before;
  expect(receivedBytes).toBeGreaterThan(5_000_000);
  expect(receivedBytes).toBeLessThan(5_600_000);
});

test("diffListings() tells files, units, links, mounts, rules and settings when a host has changed", async () => {
  await first.exec(ctx, "echo 1 >/etc/changed");
  const before = await listHost(ctx, first.console);
  expect(diffListings(before, await listHost(ctx, first.console))).toEqual([]);
  await first.exec(
    ctx,
    `set -e
    mkdir /etc/probe; chmod 600 /etc/changed; echo 22 >/etc/changed
    ip link add probe type bridge
    nft 'table ip probe { chain input { type filter hook input priority 0; counter accept; }; }'
    sysctl -q -w net.ipv4.conf.all.route_localnet=1
    mount -t tmpfs probe /mnt
    printf '[Service]\\nExecStart=/bin/sleep 600\\n' >/run/systemd/system/probe.service
    systemctl daemon-reload; systemctl start probe`,
  );
  expect(diffListings(before, await listHost(ctx, first.console))).toEqual(
    [
      "~ content /etc/changed: 4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865 -> f14b4987904bcb5814e4459a057ed4d20f58a633152288a761214dcd28780b56",
      "+ file /etc/probe: d 755 root:root",
      "~ file /etc/changed: f 644 root:root 2 -> f 600 root:root 3",
      "~ file /mnt: d 755 root:root -> d 1777 root:root",
      "+ link probe: bridge down",
      "+ mount /mnt: tmpfs probe",
      "+ nft table ip probe: chain input { type filter hook input priority filter; policy accept; counter accept }",
      "~ sysctl net.ipv4.conf.all.route_localnet: 0 -> 1",
      "+ unit file probe.service: static",
      "+ unit probe.service: loaded active",
    ].sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1)),
  );
});

test("startLab() takes a network of its own and removes what a killed run has left, when there are several labs", async () => {
  const module = join(import.meta.dirname, "../lab/lab.ts");
  const context = join(import.meta.dirname, "../../src/base/context.ts");
  const script = `
    const { startLab } = await import(${JSON.stringify(module)});
    const { backgroundContext } = await import(${JSON.stringify(context)});
    const lab = await startLab(backgroundContext(), { hosts: 1 });
    process.stdout.write(lab.name + "\\n");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output] = await once(child.stdout, "data");
  const other = await openLab(String(output).trim());
  expect(other.gateway).not.toBe(lab.gateway);
  expect(await hostOf(other, 0).isRunning()).toBe(true);

  child.kill("SIGKILL");
  await once(child, "exit");
  const third = await startLab(ctx, { hosts: 1 });
  try {
    expect((await listLabs()).map(({ name }) => name)).toEqual(expect.arrayContaining([lab.name, third.name]));
    expect((await listLabs()).map(({ name }) => name)).not.toContain(other.name);
    expect(await hostOf(other, 0).isRunning()).toBe(false);
    expect(await first.isRunning()).toBe(true);
  } finally {
    await stopLab(ctx, third.name);
  }
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain("sealos-lab");
});
