import { expandWord, type Lookup } from "../kubefile/expand.ts";
import type { ArgInstruction, Pair, PairsInstruction, Word } from "../kubefile/instruction.ts";
import type { Escape } from "../kubefile/logical-line.ts";
import { declareArgument, lookUp, type ArgumentSources, type Variables } from "./variables.ts";

export interface Expansion {
  readonly escape: Escape;
  readonly variables: Variables;
}

/** @throws {WordError} when a `${name:?}` is not fulfilled */
export function expand(word: Word, { escape, variables }: Expansion): string {
  return expandWord(word.text, { lookup: lookupIn(variables), escape });
}

export function lookupIn(variables: Variables): Lookup {
  return (name) => lookUp(variables, name);
}

/** All values of one instruction see the variables as they were before it. */
export function expandPairs(pairs: readonly Pair[], expansion: Expansion): readonly (readonly [string, string])[] {
  return pairs.map(({ name, value }) => [expand(name, expansion), value ? expand(value, expansion) : ""]);
}

export function applyEnv(instruction: PairsInstruction, expansion: Expansion): Variables {
  const { variables } = expansion;
  return { ...variables, env: new Map([...variables.env, ...expandPairs(instruction.pairs, expansion)]) };
}

/** Each argument sees those before it, also of the same instruction. */
export function applyArg(
  instruction: ArgInstruction,
  { escape, variables }: Expansion,
  sources: ArgumentSources,
): Variables {
  return instruction.pairs.reduce((current, { name, value }) => {
    const expansion = { escape, variables: current };
    const fallback = value && expand(value, expansion);
    return declareArgument(current, { name: expand(name, expansion), fallback }, sources);
  }, variables);
}
