import { expandHeredoc } from "../kubefile/expand.ts";
import type { BuildPlan } from "./build-plan.ts";
import { lookupIn } from "./apply-variables.ts";
import type { StageState } from "./stage-state.ts";

/**
 * `--env`, `--unsetenv` and `--label` come after all instructions and win. Only the values of `--env` may use variables;
 * quotes are part of them.
 */
export function finishState(state: StageState, plan: BuildPlan): StageState {
  const { environment, unsetEnvironment, labels, escape } = plan;
  const lookup = lookupIn(state.variables);
  const given = Object.entries(environment).map(
    ([name, value]) => [name, expandHeredoc(value, { lookup, escape })] as const,
  );
  const env = new Map([...state.variables.env, ...given]);
  for (const name of unsetEnvironment) env.delete(name);
  const variables = { ...state.variables, env };
  if (Object.keys(labels).length === 0) return { ...state, variables };
  return { ...state, variables, config: { ...state.config, Labels: { ...state.config.Labels, ...labels } } };
}
