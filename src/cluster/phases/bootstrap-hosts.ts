import { posix } from "node:path";

import { mapLimit } from "../../base/concurrency.ts";
import type { Context } from "../../base/context.ts";
import { shell } from "../../hosts/command.ts";
import { Secret } from "../../base/secret.ts";
import { cleanScriptPath, renderCleanScript } from "../clean-script.ts";
import { ENDPOINT_DOMAIN, nodeOptions } from "../cluster-options.ts";
import { LOOKS_AT_ONCE, type ClusterHost, type ClusterRun } from "../cluster-run.ts";
import { isControlPlane } from "../cluster.ts";
import { findScript, type ScriptName } from "../cluster-image.ts";
import { hostsFileCommand, hostsFileQuery, renderHostsLines, type NameEntry } from "../hosts-file.ts";
import type { Phase, Step } from "../phase.ts";
import { findScriptCommand } from "../scripts.ts";
import { rootfsTree } from "../tree/host-trees.ts";
import { filterTree, isBelow } from "../tree/host-tree.ts";
import { renderRecord } from "../tree/record.ts";

const HOSTS_AT_ONCE = 32;

/** Folders whose content the scripts install: when it changes, they run again. */
const INSTALLED_FOLDERS = ["bin", "cri", "etc", "opt", "scripts"];

/** containerd, the registry and the kubelet's surroundings, by the image's own scripts. */
export const bootstrapHosts: Phase<ClusterRun> = {
  name: "bootstrap-hosts",
  title: "Prepare the hosts",
  concurrency: HOSTS_AT_ONCE,
  async plan(ctx, run) {
    const everywhere = { items: run.hosts, limit: LOOKS_AT_ONCE };
    return [
      await mapLimit(ctx, everywhere, (inner, host) => checkStep(inner, run, host)),
      [await registryStep(ctx, run)],
      await mapLimit(ctx, everywhere, (inner, host) => initStep(inner, run, host)),
    ];
  },
};

async function checkStep(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<Step> {
  const journal = await run.journal(ctx, host);
  return {
    title: `${host.address} check`,
    isDone: journal.knows("check"),
    details: await scriptDetails(ctx, run, ["check"]),
    async perform(inner) {
      await runScript(inner, run, host, "check");
      await putCleanScript(inner, run, host);
      await journal.record(inner, "check");
    },
  };
}

async function registryStep(ctx: Context, run: ClusterRun): Promise<Step> {
  const host = run.registryHost;
  const journal = await run.journal(ctx, host);
  const inputs = await bootstrapInputs(ctx, run, host);
  return {
    title: `${host.address} registry`,
    isDone: journal.has("init-registry", inputs),
    details: await scriptDetails(ctx, run, ["init-registry"]),
    async perform(inner) {
      await linkRegistryData(inner, run, host);
      await runScript(inner, run, host, "init-registry");
      await waitForRegistry(inner, run, host);
      await journal.record(inner, "init-registry", inputs);
    },
  };
}

async function initStep(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<Step> {
  const journal = await run.journal(ctx, host);
  const inputs = await bootstrapInputs(ctx, run, host);
  const entries = await nameEntries(ctx, run, host);
  const isDone = journal.has("init", inputs) && (await hasNameEntries(ctx, run, host, entries));
  return {
    title: host.address,
    isDone,
    details: await scriptDetails(ctx, run, ["init-cri", "init"]),
    async perform(inner) {
      await host.transport.run(inner, hostsFileCommand(run.name, entries));
      await runScript(inner, run, host, "init-cri");
      await runScript(inner, run, host, "init");
      await journal.record(inner, "init", inputs);
    },
  };
}

/** The way back, before anything of the host is changed. */
async function putCleanScript(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<void> {
  const rootfs = await run.rootfs(ctx);
  const content = renderCleanScript({
    rootfs,
    env: await run.environment(ctx, rootfs, host),
    paths: run.paths,
    isRegistry: host.address === run.registryHost.address,
    resetCommand: run.runtime.resetCommand(await nodeOptions(ctx, run, host)),
  });
  const path = cleanScriptPath(run.paths);
  await host.transport.putFile(ctx, { path, content: new Secret(content), mode: 0o600 });
}

/** What the scripts work with: their environment and the files they install. */
async function bootstrapInputs(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<string> {
  const env = await run.environment(ctx, await run.rootfs(ctx), host);
  const { SEALOS_SYS_SEALOS_VERSION: _, ...lasting } = env;
  const tree = await rootfsTree(ctx, run, host);
  const installed = filterTree(tree, (path) => INSTALLED_FOLDERS.some((folder) => isBelow(path, folder)));
  return JSON.stringify([lasting, renderRecord(installed)]);
}

/** The names every host must know: the registry, and the API server — a control plane's own, once it has one. */
async function nameEntries(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<NameEntry[]> {
  const env = await run.environment(ctx, await run.rootfs(ctx), host);
  const hasApiServer = isControlPlane(host) && (await run.journal(ctx, host)).knows("join");
  return [
    { address: run.registryHost.address, name: env["registryDomain"] ?? "sealos.hub" },
    { address: hasApiServer ? host.address : run.firstControlPlane.address, name: ENDPOINT_DOMAIN },
  ];
}

/** Writes the names again, for instance when a joined control plane has an API server of its own. */
export async function putNameEntries(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<void> {
  await host.transport.run(ctx, hostsFileCommand(run.name, await nameEntries(ctx, run, host)));
}

async function hasNameEntries(ctx: Context, run: ClusterRun, host: ClusterHost, entries: readonly NameEntry[]) {
  const { stdout } = await host.transport.query(ctx, hostsFileQuery(run.name));
  return stdout === renderHostsLines(run.name, entries);
}

async function runScript(ctx: Context, run: ClusterRun, host: ClusterHost, script: ScriptName): Promise<void> {
  const rootfs = await run.rootfs(ctx);
  const env = await run.environment(ctx, rootfs, host);
  const command = findScriptCommand(rootfs, script, { paths: run.paths, env });
  if (command) await host.transport.run(ctx, command);
}

async function scriptDetails(ctx: Context, run: ClusterRun, scripts: readonly ScriptName[]): Promise<string[]> {
  const rootfs = await run.rootfs(ctx);
  return scripts.flatMap((script) => {
    const line = findScript(rootfs, script);
    return line === undefined ? [] : [`run ${line}`];
  });
}

/** The registry serves the folder that the images' content was sent to. A folder of somebody else is not touched. */
async function linkRegistryData(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<void> {
  const env = await run.environment(ctx, await run.rootfs(ctx), host);
  const link = env["registryData"] ?? "/var/lib/registry";
  await host.transport.run(ctx, shell(LINK, [posix.join(run.paths.rootfs, "registry"), link]));
}

const LINK = `
set -eu
mkdir -p "$1" "$(dirname "$2")"
if [ -d "$2" ] && [ ! -L "$2" ] && ! rmdir "$2"; then
  echo "$2 exists and is not empty: move it away" >&2
  exit 1
fi
ln -sfn "$1" "$2"
`;

async function waitForRegistry(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<void> {
  const env = await run.environment(ctx, await run.rootfs(ctx), host);
  await host.transport.query(ctx, shell(WAIT, [env["registryPort"] ?? "5000"], { timeoutMs: 60_000 }));
}

const WAIT = `
for attempt in $(seq 100); do
  if bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" 2>/dev/null; then exit 0; fi
  sleep 0.3
done
echo "nothing listens on port $1 after 30 s" >&2
exit 1
`;
