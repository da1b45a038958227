import { findClosest } from "../../base/text.ts";
import type { Instruction, Pair, Word } from "../instruction.ts";
import type { Kubefile } from "../parse.ts";
import { findStage, stagesOf, type LintFinding, type LintStage } from "./lint-stage.ts";
import { variablesIn } from "./variables-in.ts";

/** Always there: those of the platform in FROM, the path and the proxies everywhere. */
const PLATFORM = /^(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)$/;
const EVERYWHERE = /^(?:PATH|(?:https?|ftp|no|all)_proxy)$/i;

/** Rules about variables that are used and not declared. What an image of FROM sets is not known. */
export function checkVariables(kubefile: Kubefile): readonly LintFinding[] {
  const stages = stagesOf(kubefile);
  const declared: DeclaredNames[] = [];
  const findings: LintFinding[] = [];
  for (const stage of stages) {
    const names = namesAtStart(stage, { stages, declared });
    for (const instruction of stage.instructions) {
      findings.push(...checkInstruction(instruction, names, kubefile));
      for (const { name } of declarations(instruction)) names.known.add(name.text);
    }
    declared.push(names);
  }
  return [...checkFrom(kubefile, stages), ...findings];
}

interface DeclaredNames {
  readonly known: Set<string>;
  /** Nothing else can come from the base image. */
  readonly isComplete: boolean;
}

interface Surroundings {
  readonly stages: readonly LintStage[];
  readonly declared: readonly DeclaredNames[];
}

function namesAtStart(stage: LintStage, { stages, declared }: Surroundings): DeclaredNames {
  const base = findStage(stages, stage.from.image.text, stage.index);
  const inherited = base && declared[base.index];
  if (inherited) return { known: new Set(inherited.known), isComplete: inherited.isComplete };
  return { known: new Set(), isComplete: stage.from.image.text === "scratch" };
}

function checkFrom({ instructions, escape }: Kubefile, stages: readonly LintStage[]): LintFinding[] {
  const first = instructions.findIndex(({ kind }) => kind === "FROM");
  const global = new Set(
    instructions
      .slice(0, first)
      .flatMap(declarations)
      .map(({ name }) => name.text),
  );
  return stages.flatMap(({ from }) => {
    const words = [from.image, ...from.flags.flatMap(({ value }) => value ?? [])];
    return words.flatMap((word) =>
      variablesIn(word.text, escape)
        .filter(({ name, hasFallback }) => !hasFallback && !global.has(name) && !PLATFORM.test(name))
        .map(
          ({ name, offset }) =>
            ({
              rule: "UndefinedArgInFrom",
              span: spanIn(word, offset, name),
              message: `No ARG before the first FROM declares "${name}"`,
              hint: suggestion(name, global) ?? `Add ARG ${name} before the first FROM`,
            }) as const,
        ),
    );
  });
}

/** Without knowledge of the base image only what looks like a slip of the pen is one. */
function checkInstruction(
  instruction: Instruction,
  { known, isComplete }: DeclaredNames,
  { escape }: Kubefile,
): LintFinding[] {
  return wordsOf(instruction).flatMap((word) => {
    const found = variablesIn(word.text, escape)
      .filter(({ name, hasFallback }) => !hasFallback && !known.has(name) && !EVERYWHERE.test(name))
      .map(({ name, offset }) => ({ name, offset, closest: suggestion(name, known) }))
      .filter(({ closest }) => isComplete || closest !== undefined);
    return found.map(
      ({ name, offset, closest }) =>
        ({
          rule: "UndefinedVar",
          span: spanIn(word, offset, name),
          message: `Nothing in this stage declares "${name}"`,
          hint: closest ?? `Add ARG ${name}, or escape the $ if it is meant`,
        }) as const,
    );
  });
}

function suggestion(name: string, known: ReadonlySet<string>): string | undefined {
  const closest = findClosest(name, known);
  return closest === undefined ? undefined : `Did you mean ${closest}?`;
}

function declarations(instruction: Instruction): readonly Pair[] {
  return instruction.kind === "ARG" || instruction.kind === "ENV" ? instruction.pairs : [];
}

/** What is expanded when the image is built. */
function wordsOf(instruction: Instruction): readonly Word[] {
  const { kind } = instruction;
  if (kind === "ARG" || kind === "ENV" || kind === "LABEL") {
    return instruction.pairs.flatMap(({ name, value }) => [name, ...(value ? [value] : [])]);
  }
  if (kind === "COPY" || kind === "ADD") {
    const flags = instruction.flags.flatMap(({ value }) => value ?? []);
    return [...flags, ...instruction.sources, instruction.destination];
  }
  if (kind === "WORKDIR" || kind === "USER" || kind === "STOPSIGNAL") return [instruction.value];
  return kind === "EXPOSE" || kind === "VOLUME" ? instruction.words : [];
}

function spanIn({ span }: Word, offset: number, name: string): { start: number; end: number } {
  const start = Math.min(span.start + offset, span.end);
  return { start, end: Math.min(start + name.length + 1, Math.max(span.end, start)) };
}
