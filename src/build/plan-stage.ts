import { KnownError } from "../base/error.ts";
import type { Finding } from "../kubefile/diagnostic.ts";
import type { CopyInstruction, FromInstruction, Instruction, RunInstruction, Word } from "../kubefile/instruction.ts";
import type { Kubefile } from "../kubefile/parse.ts";
import type { Span } from "../kubefile/source.ts";
import { WordError } from "../kubefile/word-parts.ts";
import { parsePlatform, type Platform } from "../oci/platform.ts";
import { applyArg, applyEnv, expand } from "./apply-variables.ts";
import type { BuildStep, CopyOrigin, PlanOptions, StageBase, StagePlan } from "./build-plan.ts";
import { findMountOrigin } from "./run/parse-mount.ts";
import type { ArgumentSources, Variables } from "./variables.ts";

export interface StageSource {
  readonly index: number;
  readonly from: FromInstruction;
  readonly instructions: readonly Instruction[];
}

/** A stage, and what cannot be done in it: that matters only if the stage is needed. */
export interface PlannedStage {
  readonly plan: StagePlan;
  readonly findings: readonly (readonly [Span, Finding])[];
  /** At the stage's end, as far as they are known without its base image. */
  readonly variables: Variables;
}

export interface StageSurroundings {
  readonly kubefile: Kubefile;
  readonly options: PlanOptions;
  readonly sources: ArgumentSources;
  readonly earlier: readonly PlannedStage[];
}

export function planStage({ index, from, instructions }: StageSource, surroundings: StageSurroundings): PlannedStage {
  const findings: (readonly [Span, Finding])[] = [];
  const planner = new StagePlanner(surroundings, (span, finding) => void findings.push([span, finding]));
  const base = planner.base(from);
  const platform = planner.platform(from);
  planner.inherit(base);
  const steps = instructions.flatMap((instruction) => planner.step(instruction) ?? []);
  const plan = { index, name: from.stage?.text, instruction: from, base, platform, steps };
  return { plan, findings, variables: planner.variables };
}

class StagePlanner {
  variables: Variables = { args: new Map(), env: new Map() };
  readonly #surroundings: StageSurroundings;
  readonly #report: (span: Span, finding: Finding) => void;

  constructor(surroundings: StageSurroundings, report: (span: Span, finding: Finding) => void) {
    this.#surroundings = surroundings;
    this.#report = report;
  }

  /** FROM sees only the arguments before the first FROM. */
  base({ image }: FromInstruction): StageBase {
    const { earlier, options } = this.#surroundings;
    const isReplaced = earlier.length === 0 && options.baseImage !== undefined;
    const name = isReplaced ? options.baseImage : this.#expand(image, this.#globalVariables());
    const replacement = this.#imageContext(name);
    if (replacement !== undefined) return { kind: "image", name: replacement };
    if (name === "scratch") return { kind: "scratch" };
    if (name === "") {
      this.#report(image.span, {
        code: "INVALID_ARGUMENT",
        message: `The base image "${image.text}" is empty after its variables are replaced`,
        hint: "Give the variable a default by ARG before the first FROM, or a value by --build-arg",
      });
    }
    const stage = this.#findStage(name);
    return stage === undefined ? { kind: "image", name } : { kind: "stage", index: stage };
  }

  platform({ flags }: FromInstruction): Platform {
    const { platform } = this.#surroundings.options;
    const flag = flags.find(({ name }) => name === "platform")?.value;
    if (!flag) return platform;
    try {
      return parsePlatform(this.#expand(flag, this.#globalVariables()));
    } catch (error) {
      if (!(error instanceof KnownError)) throw error;
      this.#report(flag.span, { code: "INVALID_FLAG", message: error.message });
      return platform;
    }
  }

  inherit(base: StageBase): void {
    if (base.kind === "stage") this.variables = this.#surroundings.earlier[base.index]?.variables ?? this.variables;
  }

  step(instruction: Instruction): BuildStep | undefined {
    if (instruction.kind === "FROM") return undefined;
    if (instruction.kind === "RUN") return { op: "run", instruction, origins: this.#mountOrigins(instruction) };
    if (isCopy(instruction)) return { op: "add-layer", instruction, from: this.#origin(instruction) };
    const { kubefile, sources } = this.#surroundings;
    const expansion = { escape: kubefile.escape, variables: this.variables };
    try {
      if (instruction.kind === "ARG") this.variables = applyArg(instruction, expansion, sources);
      if (instruction.kind === "ENV") this.variables = applyEnv(instruction, expansion);
    } catch (error) {
      if (!(error instanceof WordError)) throw error;
      this.#report(instruction.span, { code: "INVALID_EXPANSION", message: error.message });
    }
    return { op: "configure", instruction };
  }

  #mountOrigins({ flags }: RunInstruction): ReadonlyMap<string, CopyOrigin> {
    const expansion = { escape: this.#surroundings.kubefile.escape, variables: this.variables };
    const origins = flags.flatMap(({ name, value }): [string, CopyOrigin][] => {
      const from = name === "mount" && value ? findMountOrigin(value.text, expansion) : undefined;
      return from === undefined || !value ? [] : [[from, this.#originNamed(from, value.span)]];
    });
    return new Map(origins);
  }

  #origin({ flags }: CopyInstruction): CopyOrigin {
    const from = flags.find(({ name }) => name === "from")?.value;
    return from ? this.#originNamed(this.#expand(from, this.variables), from.span) : { kind: "context" };
  }

  #originNamed(name: string, span: Span): CopyOrigin {
    if (this.#surroundings.options.buildContexts?.includes(name)) return { kind: "build-context", name };
    const image = this.#imageContext(name);
    if (image !== undefined) return { kind: "image", name: image };
    const stage = this.#findStage(name);
    if (stage !== undefined) return { kind: "stage", index: stage };
    if (/^[0-9]*$/.test(name)) {
      const count = this.#surroundings.earlier.length;
      const known = count === 0 ? "there is none" : `found ${count === 1 ? "only 0" : `0 to ${count - 1}`}`;
      this.#report(span, {
        code: "UNKNOWN_STAGE",
        message: `There is no stage "${name}" before this one: ${known}`,
        hint: "Copy from an earlier stage, a --build-context or an image",
      });
    }
    return { kind: "image", name };
  }

  #imageContext(name: string): string | undefined {
    const { imageContexts = {} } = this.#surroundings.options;
    return Object.hasOwn(imageContexts, name) ? imageContexts[name] : undefined;
  }

  /** Among the earlier stages; the last one of a name counts. */
  #findStage(name: string): number | undefined {
    const { earlier } = this.#surroundings;
    const named = earlier.findLastIndex(({ plan }) => plan.name === name.toLowerCase());
    if (named >= 0) return named;
    return /^[0-9]+$/.test(name) && Number(name) < earlier.length ? Number(name) : undefined;
  }

  #globalVariables(): Variables {
    return { args: this.#surroundings.sources.global, env: new Map() };
  }

  #expand(word: Word, variables: Variables): string {
    try {
      return expand(word, { escape: this.#surroundings.kubefile.escape, variables });
    } catch (error) {
      if (!(error instanceof WordError)) throw error;
      this.#report(word.span, { code: "INVALID_EXPANSION", message: error.message });
      return word.text;
    }
  }
}

function isCopy(instruction: Instruction): instruction is CopyInstruction {
  return instruction.kind === "COPY" || instruction.kind === "ADD";
}
