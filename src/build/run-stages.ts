import { mapLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";
import { Gate } from "../base/gate.ts";
import type { StagePlan } from "./build-plan.ts";
import { dependenciesOf } from "./plan.ts";
import { runStage } from "./run-stage.ts";
import type { StageRun } from "./stage-run.ts";

/**
 * Runs the stages of a plan, each as soon as those that it needs are done.
 * @param jobs how many at the same time
 */
export async function runStages(
  ctx: Context,
  { stages, run, jobs }: { stages: readonly StagePlan[]; run: StageRun; jobs: number },
): Promise<void> {
  const gate = new Gate(jobs);
  const running = new Map<number, PromiseWithResolvers<void>>();
  for (const { index } of stages) running.set(index, Promise.withResolvers());
  await mapLimit(ctx, { items: stages, limit: stages.length }, async (inner, stage) => {
    const result = running.get(stage.index);
    result?.promise.catch(() => undefined); // the failure is thrown here, whoever waits for it or not
    try {
      await Promise.all(dependenciesOf(stage).map(async (index) => running.get(index)?.promise));
      run.finish(
        stage.index,
        await gate.run(inner, () => runTask(inner, titleOf(stage), (task) => runStage(task, stage, run))),
      );
      result?.resolve();
    } catch (error) {
      result?.reject(error);
      throw error;
    }
  });
}

function titleOf({ index, name, instruction }: StagePlan): string {
  return `stage ${name ?? index}: ${instruction.text}`;
}
