import type { ConvergeResult } from "../actions/converge-cluster.ts";
import { renderDuration, renderSize, renderTable } from "../base/text.ts";
import type { PhasePlan } from "../cluster/phase.ts";

/** What a run did, or would do. */
export function renderConverged(result: ConvergeResult): string {
  if (result.kind === "planned") return renderPlan(result.phases);
  const totalMs = result.phases.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
  const phases = result.phases.map(({ name, elapsedMs, performed, steps }) => [
    name,
    renderDuration(elapsedMs),
    performed === 0 ? "nothing to do" : `${performed} of ${steps} steps`,
  ]);
  const hosts = Object.entries(result.sentBytes).map(([address, sizeBytes]) => [address, renderSize(sizeBytes)]);
  return [
    renderTable([["PHASE", "TIME", "DONE"], ...phases, ["total", renderDuration(totalMs), ""]]),
    "",
    renderTable([["HOST", "SENT"], ...hosts]),
    "",
    `Cluster "${result.cluster}" is up`,
  ].join("\n");
}

function renderPlan(phases: readonly PhasePlan[]): string {
  return phases
    .flatMap(({ name, title, steps }) => [
      `${name}: ${title}`,
      ...steps.flatMap((step) => [
        `  ${step.title}${step.isDone ? ": nothing to do" : ""}`,
        ...(step.isDone ? [] : step.details.map((detail) => `    ${detail}`)),
      ]),
    ])
    .join("\n");
}
