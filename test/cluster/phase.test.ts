import { expect, test } from "vitest";

import { backgroundContext } from "../../src/base/context.ts";
import { InputError } from "../../src/base/error.ts";
import { planPhases, runPhases, type Phase, type Step } from "../../src/cluster/phase.ts";

const ctx = backgroundContext();

/** A step that notes that it was performed, or fails. */
function step(title: string, log: string[], options: { isDone?: boolean; error?: Error } = {}): Step {
  return {
    title,
    isDone: options.isDone ?? false,
    details: [`do ${title}`],
    async perform() {
      log.push(title);
      if (options.error) throw options.error;
    },
  };
}

function phase(name: string, waves: Step[][]): Phase<undefined> {
  return { name, title: name, concurrency: 4, plan: async () => waves };
}

test("runPhases() performs the steps that are not done, wave after wave", async () => {
  const log: string[] = [];
  const waves = [[step("a", log), step("b", log, { isDone: true })], [step("c", log)]];
  const reports = await runPhases(
    ctx,
    [phase("one", waves), phase("two", [[step("d", log, { isDone: true })]])],
    undefined,
  );
  expect(log).toEqual(["a", "c"]);
  expect(reports.map(({ name, performed, steps }) => [name, performed, steps])).toEqual([
    ["one", 2, 3],
    ["two", 0, 1],
  ]);
});

test("runPhases() lets the other hosts of a wave finish, reports all that failed, and starts nothing more", async () => {
  const log: string[] = [];
  const error = new InputError("disk full", { hint: "Free disk space" });
  const failing = phase("one", [
    [step("10.0.0.1", log, { error }), step("10.0.0.2", log), step("10.0.0.3", log, { error: new Error("gone") })],
    [step("next wave", log)],
  ]);
  await expect(runPhases(ctx, [failing, phase("two", [[step("next phase", log)]])], undefined)).rejects.toMatchObject({
    code: "PHASE_FAILED",
    message: "Phase one failed:\n  10.0.0.1: disk full\n  10.0.0.3: gone",
    hint: "Free disk space",
  });
  expect(log).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
});

test("planPhases() performs nothing", async () => {
  const log: string[] = [];
  const plans = await planPhases(ctx, [phase("one", [[step("a", log)]])], undefined);
  expect(plans).toEqual([{ name: "one", title: "one", steps: [{ title: "a", isDone: false, details: ["do a"] }] }]);
  expect(log).toEqual([]);
});
