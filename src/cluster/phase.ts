import { KnownError, messageOf } from "../base/error.ts";
import { settleLimit } from "../base/concurrency.ts";
import { runTask, type Context } from "../base/context.ts";

/** A phase on one host, or once for the cluster. */
export interface Step {
  /** What the user sees: usually the host's address. */
  readonly title: string;
  /** Found out by looking: performing the step would change nothing. */
  readonly isDone: boolean;
  /** What performing would do, for plans: one line each. */
  readonly details: readonly string[];
  perform(ctx: Context): Promise<void>;
}

/** Steps that may run at once. A wave starts when the one before has ended. */
export type Wave = readonly Step[];

/** A part of a cluster's life: ordered, idempotent, the same for every cluster. */
export interface Phase<Subject> {
  readonly name: string;
  readonly title: string;
  /** Steps of a wave at the same time. */
  readonly concurrency: number;
  /** Looks at what is and says what is missing. Changes nothing. */
  plan(ctx: Context, subject: Subject): Promise<readonly Wave[]>;
}

export interface PhaseReport {
  readonly name: string;
  readonly elapsedMs: number;
  /** How many steps had something to do. */
  readonly performed: number;
  readonly steps: number;
}

/** A phase that failed on one or more hosts; `causes` has them all. */
export class PhaseError extends KnownError {
  readonly causes: readonly unknown[];

  constructor(phase: string, failures: readonly { readonly title: string; readonly error: unknown }[]) {
    const lines = failures.map(({ title, error }) => `  ${title}: ${messageOf(error)}`);
    const hints = failures.map(({ error }) => (error instanceof KnownError ? error.hint : undefined));
    super("PHASE_FAILED", `Phase ${phase} failed:\n${lines.join("\n")}`, {
      hint:
        hints.find((hint) => hint !== undefined) ?? "Remove the cause and run the same command again: it goes on here",
      cause: failures[0]?.error,
    });
    this.causes = failures.map(({ error }) => error);
  }
}

/** Runs phases in order and stops after the first that fails. @throws {PhaseError} */
export async function runPhases<Subject>(
  ctx: Context,
  phases: readonly Phase<Subject>[],
  subject: Subject,
): Promise<PhaseReport[]> {
  const reports: PhaseReport[] = [];
  for (const phase of phases) reports.push(await runTask(ctx, phase.title, (inner) => runPhase(inner, phase, subject)));
  return reports;
}

async function runPhase<Subject>(ctx: Context, phase: Phase<Subject>, subject: Subject): Promise<PhaseReport> {
  const startedMs = performance.now();
  const waves = await phase.plan(ctx, subject);
  for (const wave of waves) await runWave(ctx, phase, wave);
  const steps = waves.flat();
  const performed = steps.filter(({ isDone }) => !isDone).length;
  if (performed === 0) ctx.progress.mark("cached");
  return { name: phase.name, elapsedMs: performance.now() - startedMs, performed, steps: steps.length };
}

async function runWave<Subject>(ctx: Context, phase: Phase<Subject>, wave: Wave): Promise<void> {
  const missing = wave.filter(({ isDone }) => !isDone);
  const outcomes = await settleLimit(ctx, { items: missing, limit: phase.concurrency }, (inner, step) =>
    runTask(inner, step.title, (task) => step.perform(task)),
  );
  const failures = outcomes.flatMap((outcome) =>
    outcome.ok ? [] : [{ title: outcome.item.title, error: outcome.error }],
  );
  if (failures.length > 0) throw new PhaseError(phase.name, failures);
}

/** A phase's plan as data, for `--dry-run`. */
export interface PhasePlan {
  readonly name: string;
  readonly title: string;
  readonly steps: readonly { readonly title: string; readonly isDone: boolean; readonly details: readonly string[] }[];
}

/** What `runPhases` would do from the present state on. */
export async function planPhases<Subject>(
  ctx: Context,
  phases: readonly Phase<Subject>[],
  subject: Subject,
): Promise<PhasePlan[]> {
  const plans: PhasePlan[] = [];
  for (const phase of phases) {
    const waves = await phase.plan(ctx, subject);
    const steps = waves.flat().map(({ title, isDone, details }) => ({ title, isDone, details }));
    plans.push({ name: phase.name, title: phase.title, steps });
  }
  return plans;
}
