import { expandHeredoc } from "../kubefile/expand.ts";
import type { BuildPlan } from "./build-plan.ts";
import { lookupIn } from "./apply-variables.ts";
import type { StageState } from "./stage-state.ts";

/** `--env` and `--label` come after all instructions and win. Only the values of `--env` may use variables; quotes are part of them. */
export function finishState(state: StageState, { environment, labels, escape }: BuildPlan): StageState {
  const lookup = lookupIn(state.variables);
  const given = Object.entries(environment).map(
    ([name, value]) => [name, expandHeredoc(value, { lookup, escape })] as const,
  );
  const variables = { ...state.variables, env: new Map([...state.variables.env, ...given]) };
  if (Object.keys(labels).length === 0) return { ...state, variables };
  return { ...state, variables, config: { ...state.config, Labels: { ...state.config.Labels, ...labels } } };
}
