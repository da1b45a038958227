import type { ArgInstruction, CommandInstruction, Instruction, PairsInstruction, Word } from "../instruction.ts";
import type { Escape } from "../logical-line.ts";
import type { Kubefile } from "../parse.ts";
import { stagesOf, type LintFinding, type LintStage } from "./lint-stage.ts";
import { variablesIn } from "./variables-in.ts";

const SECRET = /(?:^|_)(?:apikey|auth|credentials?|key|passw(?:or)?d|pword|secret|token)(?:_|$)/i;
const PUBLIC = /(?:^|_)public(?:_|$)/i;

/** Rules about how single instructions are written. */
export function checkForms(kubefile: Kubefile): readonly LintFinding[] {
  return [
    ...kubefile.instructions.flatMap((instruction) => checkForm(instruction, kubefile)),
    ...stagesOf(kubefile).flatMap(checkWorkdirs),
  ];
}

function checkForm(instruction: Instruction, kubefile: Kubefile): readonly LintFinding[] {
  const { kind } = instruction;
  if (kind === "ONBUILD") return checkForm(instruction.trigger, kubefile);
  if (kind === "CMD" || kind === "ENTRYPOINT") return checkCommand(instruction);
  if (kind === "ENV") return [...checkPairs(instruction, kubefile), ...checkSecrets(instruction, kubefile)];
  if (kind === "LABEL") return checkPairs(instruction, kubefile);
  if (kind === "ARG") return checkSecrets(instruction, kubefile);
  if (kind !== "MAINTAINER") return [];
  const hint = "Write LABEL org.opencontainers.image.authors=…";
  return [{ rule: "MaintainerDeprecated", span: instruction.keyword, message: "MAINTAINER is no longer used", hint }];
}

function checkCommand({ kind, command, keyword }: CommandInstruction): LintFinding[] {
  if (command.form === "exec") return [];
  const message = `${kind} is in the shell form`;
  return [{ rule: "JSONArgsRecommended", span: keyword, message, hint: `Write ${kind} ["…"]` }];
}

/** In the old form a blank stands between name and value. */
function checkPairs({ kind, pairs, keyword }: PairsInstruction, { source }: Kubefile): LintFinding[] {
  const isLegacy = pairs.some(({ name, value }) => value !== undefined && source.text[name.span.end] !== "=");
  if (!isLegacy) return [];
  const message = `${kind} separates name and value by a blank`;
  return [{ rule: "LegacyKeyValueFormat", span: keyword, message, hint: `Write ${kind} NAME=VALUE` }];
}

/** An empty value, or one that is a variable, gives nothing away. */
function checkSecrets({ kind, pairs }: PairsInstruction | ArgInstruction, { escape }: Kubefile): LintFinding[] {
  return pairs
    .filter(({ name, value }) => SECRET.test(name.text) && !PUBLIC.test(name.text) && isTelling(value, escape))
    .map(({ name }) => ({
      rule: "SecretsUsedInArgOrEnv",
      span: name.span,
      message: `${kind} ${name.text} puts what may be a secret into the image`,
      hint: `Leave its value empty, and give it by: sealos run -e ${name.text}=VALUE`,
    }));
}

function isTelling(value: Word | undefined, escape: Escape): boolean {
  return value !== undefined && !/^(["']?)\1$/.test(value.text) && variablesIn(value.text, escape).length === 0;
}

/** Only the first one counts: those behind it begin where it ends. */
function checkWorkdirs({ instructions }: LintStage): LintFinding[] {
  const first = instructions.find((instruction) => instruction.kind === "WORKDIR");
  if (first?.kind !== "WORKDIR" || /^["']?[/$]/.test(first.value.text)) return [];
  const message = `WORKDIR "${first.value.text}" depends on that of the base image`;
  return [{ rule: "WorkdirRelativePath", span: first.value.span, message, hint: `Write /${first.value.text}` }];
}
