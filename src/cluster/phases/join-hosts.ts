import { randomBytes } from "node:crypto";

import type { Context } from "../../base/context.ts";
import { command } from "../../hosts/command.ts";
import { Secret } from "../../base/secret.ts";
import type { JoinOptions } from "../../runtimes/runtime.ts";
import { clusterOptions, installAuditPolicy, nodeOptions } from "../cluster-options.ts";
import type { ClusterHost, ClusterRun } from "../cluster-run.ts";
import type { Phase, Step } from "../phase.ts";
import { putNameEntries } from "./bootstrap-hosts.ts";
import { installKubeconfig, KUBEADM_TIMEOUT_MS } from "./init-control-plane.ts";

const WORKERS_AT_ONCE = 16;

/** One after the other: etcd takes one new member at a time. */
export const joinControlPlanes: Phase<ClusterRun> = {
  name: "join-control-planes",
  title: "Join the other control planes",
  concurrency: 1,
  async plan(ctx, run) {
    const others = run.controlPlanes.filter((host) => host !== run.firstControlPlane);
    const certificateKey = new Secret(randomBytes(32).toString("hex"));
    return [await joinSteps(ctx, run, { hosts: others, credentials: onceCredentials(run, certificateKey) })];
  },
};

export const joinWorkers: Phase<ClusterRun> = {
  name: "join-workers",
  title: "Join the workers",
  concurrency: WORKERS_AT_ONCE,
  async plan(ctx, run) {
    return [await joinSteps(ctx, run, { hosts: run.workers, credentials: onceCredentials(run) })];
  },
};

type JoinCredentials = Pick<JoinOptions, "apiServerAddress" | "token" | "caCertificate" | "certificateKey">;

interface Joining {
  readonly hosts: readonly ClusterHost[];
  readonly credentials: (ctx: Context) => Promise<JoinCredentials>;
}

async function joinSteps(ctx: Context, run: ClusterRun, { hosts, credentials }: Joining): Promise<Step[]> {
  const steps: Step[] = [];
  for (const host of hosts) {
    const journal = await run.journal(ctx, host);
    steps.push({
      title: host.address,
      isDone: journal.knows("join"),
      details: ["kubeadm join"],
      async perform(inner) {
        const isMember = journal.knows("join-started") && (await isJoined(inner, run, host));
        if (!isMember) await join(inner, run, host, await credentials(inner));
        await journal.record(inner, "join");
        await putNameEntries(inner, run, host);
      },
    });
  }
  return steps;
}

async function join(ctx: Context, run: ClusterRun, host: ClusterHost, credentials: JoinCredentials): Promise<void> {
  const { transport } = host;
  const journal = await run.journal(ctx, host);
  const node = await nodeOptions(ctx, run, host);
  // A join that was cut off leaves a machine that is no member yet: cleaning it loses nothing.
  if (journal.knows("join-started")) await transport.run(ctx, run.runtime.resetCommand(node));
  const { files, command: joinCommand } = run.runtime.join(await clusterOptions(ctx, run), { ...node, ...credentials });
  if (credentials.certificateKey) await installAuditPolicy(ctx, run, host);
  for (const file of files) await transport.putFile(ctx, file);
  await journal.record(ctx, "join-started");
  await transport.run(ctx, { ...joinCommand, timeoutMs: KUBEADM_TIMEOUT_MS });
  if (credentials.certificateKey) await installKubeconfig(ctx, run, host);
}

/** A node of that name is registered, and the machine's kubelet has its own credentials. */
async function isJoined(ctx: Context, run: ClusterRun, host: ClusterHost): Promise<boolean> {
  const facts = await run.findFacts(ctx, host);
  const options = { allowedExitCodes: [0, 1] };
  const kubelet = await host.transport.query(ctx, command(["test", "-f", "/etc/kubernetes/kubelet.conf"], options));
  if (kubelet.exitCode !== 0 || !facts) return false;
  const argv = ["kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", "get", "node", facts.hostname] as const;
  const node = await run.firstControlPlane.transport.query(ctx, command([...argv], options));
  return node.exitCode === 0;
}

/** Token and keys are made when the first host needs them, and shared by all. */
function onceCredentials(run: ClusterRun, certificateKey?: Secret): (ctx: Context) => Promise<JoinCredentials> {
  let made: Promise<JoinCredentials> | undefined;
  return (ctx) => {
    made ??= makeCredentials(ctx, run, certificateKey);
    return made;
  };
}

async function makeCredentials(ctx: Context, run: ClusterRun, certificateKey?: Secret): Promise<JoinCredentials> {
  const host = run.firstControlPlane;
  const { transport } = host;
  if (certificateKey) {
    const upload = await nodeOptions(ctx, run, host);
    const plan = run.runtime.uploadCertificates(await clusterOptions(ctx, run), upload, certificateKey);
    for (const file of plan.files) await transport.putFile(ctx, file);
    await transport.run(ctx, plan.command);
  }
  const { stdout: token } = await transport.query(ctx, run.runtime.createTokenCommand());
  const { stdout: caCertificate } = await transport.query(ctx, command(["cat", "/etc/kubernetes/pki/ca.crt"]));
  return {
    apiServerAddress: host.address,
    token: new Secret(token.trim()),
    caCertificate,
    ...(certificateKey ? { certificateKey } : {}),
  };
}
