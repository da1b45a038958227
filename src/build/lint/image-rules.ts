import type { Instruction, Word } from "../../kubefile/instruction.ts";
import { findStage, stagesOf, type LintFinding, type LintStage } from "../../kubefile/lint/lint-stage.ts";
import { variablesIn } from "../../kubefile/lint/variables-in.ts";
import type { Kubefile } from "../../kubefile/parse.ts";
import { findReference, renderReference } from "../../oci/reference.ts";
import { commandTexts } from "./command-text.ts";

/** A name with a domain and a tag or digest, or anything behind `--image`. */
const NAMED_IMAGE =
  /--image[= ]([^\s"',]+)|(?:^|[\s="',])((?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d+)?\/[\w./-]+[:@][\w.:-]+)/g;

/**
 * Rules about images that are named.
 * @param cached those that the cluster's registry will have; undefined when that is not known
 */
export function checkImages(kubefile: Kubefile, cached: ReadonlySet<string> | undefined): readonly LintFinding[] {
  const stages = stagesOf(kubefile);
  const named = stages.flatMap((stage) => imageWords(stage, stages));
  const last = stages.at(-1);
  const texts = last ? commandTexts(last.instructions) : [];
  return [
    ...named.flatMap((word) => checkPinned(word, kubefile)),
    ...(cached ? texts.flatMap(({ text, span }) => missingIn(text, cached).map((name) => toMissing(name, span))) : []),
  ];
}

function imageWords({ index, from, instructions }: LintStage, stages: readonly LintStage[]): Word[] {
  const words = [from.image, ...instructions.flatMap(copiedFrom)];
  return words.filter(({ text }) => text !== "scratch" && !/^[0-9]+$/.test(text) && !findStage(stages, text, index));
}

/** A name without any mark of an image is more likely that of a build context. */
function copiedFrom({ flags }: Instruction): readonly Word[] {
  return flags.flatMap(({ name, value }) => (name === "from" && value && /[/:@]/.test(value.text) ? [value] : []));
}

function checkPinned({ text, span }: Word, { escape }: Kubefile): LintFinding[] {
  if (variablesIn(text, escape).length > 0) return [];
  const reference = findReference(text);
  const hasTag = /:[^/]+$/.test(text) && reference?.tag !== "latest";
  if (!reference || reference.digest !== undefined || hasTag) return [];
  const message = `"${text}" is something else from time to time`;
  return [{ rule: "UnpinnedImage", span, message, hint: "Name a version, best with its digest" }];
}

function missingIn(text: string, cached: ReadonlySet<string>): string[] {
  const names = [...text.matchAll(NAMED_IMAGE)].map(([, flag, name]) => flag ?? name ?? "");
  return names.filter((name) => {
    const reference = name.includes("$") || name.includes("://") ? undefined : findReference(name);
    return reference !== undefined && !cached.has(renderReference(reference));
  });
}

function toMissing(name: string, span: Word["span"]): LintFinding {
  const message = `No list, manifest or chart of the context names "${name}": the cluster's registry will not have it`;
  return { rule: "CmdImageNotCached", span, message, hint: "Add it to a file below images/shim" };
}
