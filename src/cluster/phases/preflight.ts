import { mapLimit } from "../../base/concurrency.ts";
import { runTask, type Context } from "../../base/context.ts";
import { KnownError, messageOf } from "../../base/error.ts";
import { LOOKS_AT_ONCE, NotLookedAtError, type ClusterRun } from "../cluster-run.ts";
import type { Phase } from "../phase.ts";
import { checkHosts, type Finding } from "../preflight-checks.ts";

/** Hosts that cannot be made members: every failed check of every host, found before any host is changed. */
export class PreflightError extends KnownError {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    const lines = findings.map(({ host, problem }) => `  ${host}: ${problem}`);
    super("PREFLIGHT", `The hosts are not ready, nothing was changed:\n${lines.join("\n")}`, {
      hint: findings[0]?.remedy,
    });
    this.findings = findings;
  }
}

export const preflight: Phase<ClusterRun> = {
  name: "preflight",
  title: "Check the hosts",
  concurrency: 1,
  async plan(ctx, run) {
    const findings = await findProblems(ctx, run);
    const warnings = findings.filter(({ severity }) => severity === "warning");
    const errors = findings.filter(({ severity }) => severity === "error");
    return [
      [
        {
          title: `${run.hosts.length} hosts`,
          isDone: false,
          details: findings.map(({ host, problem, severity }) => `${severity}: ${host}: ${problem}`),
          async perform(inner) {
            for (const { host, problem } of warnings) {
              await runTask(inner, `Warning: ${host}: ${problem}`, async (task) => task.progress.mark("skipped"));
            }
            if (errors.length > 0) throw new PreflightError(errors);
          },
        },
      ],
    ];
  },
};

async function findProblems(ctx: Context, run: ClusterRun): Promise<Finding[]> {
  const observations = await run.observations(ctx);
  const unreachable = observations.flatMap((observation): Finding[] =>
    "error" in observation ? [unreachableFinding(observation.host.address, observation.error)] : [],
  );
  const seen = observations.filter((observation) => "facts" in observation);
  const checked = await mapLimit(ctx, { items: seen, limit: LOOKS_AT_ONCE }, async (inner, { host, facts }) => {
    const journal = await run.journal(inner, host);
    const isRegistry = host.address === run.registryHost.address;
    return { address: host.address, roles: host.roles, facts, isRegistry, isOurs: !journal.isEmpty };
  });
  return [...unreachable, ...checkHosts(checked)];
}

function unreachableFinding(host: string, error: unknown): Finding {
  const remedy = error instanceof KnownError ? error.hint : undefined;
  const severity = error instanceof NotLookedAtError ? "warning" : "error";
  return { host, severity, problem: messageOf(error), remedy };
}
