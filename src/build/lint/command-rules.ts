import { findClosest } from "../../base/text.ts";
import { findStage, stagesOf, type LintFinding, type LintStage } from "../../kubefile/lint/lint-stage.ts";
import type { Kubefile } from "../../kubefile/parse.ts";
import { commandTexts } from "./command-text.ts";

/** What is set where CMD runs. */
const ALWAYS_SET = /^(?:SEALOS_SYS_\w+|HOME|PATH|PWD|USER|HOSTNAME|SHELL|IFS|UID|KUBECONFIG)$/;
const USED = /\$(?:(\$)|\((\w+)\)|\{(\w+)\}|([A-Za-z_]\w*))/g;
const ASSIGNED = /(?:^|[\s;&|(])(?:(\w+)=|(?:for|read|local|export)\s+(\w+))/g;

/** Variables of CMD and ENTRYPOINT that nothing sets. What an image of FROM sets is not known: then none is found. */
export function checkCommands(kubefile: Kubefile): readonly LintFinding[] {
  const stages = stagesOf(kubefile);
  const last = stages.at(-1);
  const known = last && environmentOf(last, stages);
  if (!last || !known) return [];
  return commandTexts(last.instructions).flatMap(({ text, span }) =>
    unknownIn(text, known).map((name) => {
      const closest = findClosest(name, known);
      const hint = closest === undefined ? `Add ENV ${name}=… as its default` : `Did you mean ${closest}?`;
      return { rule: "CmdUnknownVariable", span, message: `Nothing sets "${name}"`, hint } as const;
    }),
  );
}

function unknownIn(text: string, known: ReadonlySet<string>): string[] {
  const assigned = new Set([...text.matchAll(ASSIGNED)].map(([, name, word]) => name ?? word));
  const used = [...text.matchAll(USED)].map(([, , parenthesised, braced, plain]) => parenthesised ?? braced ?? plain);
  const names = used.filter((name) => name !== undefined);
  return [...new Set(names)].filter((name) => !known.has(name) && !assigned.has(name) && !ALWAYS_SET.test(name));
}

function environmentOf(stage: LintStage, stages: readonly LintStage[]): ReadonlySet<string> | undefined {
  const base = findStage(stages, stage.from.image.text, stage.index);
  const inherited = base
    ? environmentOf(base, stages)
    : stage.from.image.text === "scratch"
      ? new Set<string>()
      : undefined;
  if (!inherited) return undefined;
  const own = stage.instructions.flatMap((each) =>
    each.kind === "ENV" ? each.pairs.map(({ name }) => name.text) : [],
  );
  return new Set([...inherited, ...own]);
}
