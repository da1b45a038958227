import type { CopyInstruction, Instruction, Word } from "../../kubefile/instruction.ts";
import { stagesOf, type LintFinding } from "../../kubefile/lint/lint-stage.ts";
import type { Kubefile } from "../../kubefile/parse.ts";
import type { FileTree } from "../context/file-tree.ts";
import { readText } from "../context/read-text.ts";
import { resolvePath, UnsafePathError } from "../context/resolve-path.ts";
import { commandTexts } from "./command-text.ts";

const SCANNED: ReadonlySet<string> = new Set(["images", "charts", "manifests", "registry"]);

/** Rules about what an image takes from its build context. */
export function checkContext(kubefile: Kubefile, context: FileTree): readonly LintFinding[] {
  const copies = kubefile.instructions.filter(isContextCopy);
  return [
    ...copies.flatMap((copy) => copy.sources.flatMap((word) => checkIgnored(copy, word, context))),
    ...copies.flatMap(checkRenamed),
    ...checkScripts(kubefile, context),
  ];
}

function isContextCopy(instruction: Instruction): instruction is CopyInstruction {
  if (instruction.kind !== "COPY" && instruction.kind !== "ADD") return false;
  return !instruction.flags.some(({ name }) => name === "from");
}

function checkIgnored({ kind }: CopyInstruction, { text, span }: Word, context: FileTree): LintFinding[] {
  const reason = context.whyHidden?.(cleanPath(text));
  if (reason === undefined) return [];
  return [{ rule: "CopyIgnoredFile", span, message: `${kind} will not find "${text}": ${reason}` }];
}

/** A single folder counts: with several sources what is copied are the contents anyway. */
function checkRenamed({ sources, destination }: CopyInstruction): LintFinding[] {
  const [source, ...more] = sources;
  const name = cleanPath(source?.text ?? "");
  if (more.length > 0 || !SCANNED.has(name) || cleanPath(destination.text) === name) return [];
  if (destination.text.includes("$")) return [];
  const message = `"${name}" is "${destination.text}" in the image, where nothing looks for it`;
  return [{ rule: "ScannedFolderRenamed", span: destination.span, message, hint: `Write COPY ${name} ${name}` }];
}

/** What the last stage runs by its path and takes from the same path of the context. */
function checkScripts(kubefile: Kubefile, context: FileTree): LintFinding[] {
  const last = stagesOf(kubefile).at(-1);
  const isChanged = last?.instructions.some(({ flags }) => flags.some(({ name }) => name === "chmod"));
  if (!last || isChanged) return [];
  return commandTexts(last.instructions).flatMap(({ text, span }) =>
    programsIn(text)
      .filter((path) => isPlainScript(context, path))
      .map(
        (path) =>
          ({
            rule: "ScriptNotExecutable",
            span,
            message: `"${path}" is run, but it is not executable`,
            hint: `Run chmod +x ${path}, or write COPY --chmod=0755`,
          }) as const,
      ),
  );
}

/** The first word of each command of a shell line, when it is a path. */
function programsIn(text: string): string[] {
  const words = text.split(/&&|\|\||[;|\n]/).map((command) => command.trim().split(/\s/)[0] ?? "");
  return words.filter((word) => word.includes("/") && !word.startsWith("/") && !word.includes("$")).map(cleanPath);
}

function isPlainScript(context: FileTree, path: string): boolean {
  try {
    const { entry } = resolvePath(context, path);
    return entry?.type === "file" && (entry.mode & 0o111) === 0 && readText(entry).startsWith("#!");
  } catch (error) {
    if (error instanceof UnsafePathError) return false;
    throw error;
  }
}

function cleanPath(text: string): string {
  return text.replace(/^(?:\.?\/)+|(?:\/\.?)+$/g, "");
}
