import type { Context } from "../base/context.ts";
import { InputError, messageOf } from "../base/error.ts";
import { openLocalTree } from "../build/context/local-tree.ts";
import { openBuildContext } from "../build/context/open-context.ts";
import { checkCommands } from "../build/lint/command-rules.ts";
import { checkContext } from "../build/lint/context-rules.ts";
import { checkImages } from "../build/lint/image-rules.ts";
import { planBuild } from "../build/plan.ts";
import { scanContext } from "../build/scan/scan-context.ts";
import type { Diagnostic } from "../kubefile/diagnostic.ts";
import { KubefileError } from "../kubefile/errors.ts";
import { lintKubefile } from "../kubefile/lint/lint-kubefile.ts";
import { readKubefile, type Kubefile } from "../kubefile/parse.ts";
import type { Platform } from "../oci/platform.ts";
import type { KubefileSource } from "./locate-kubefile.ts";

export interface LintRequest {
  readonly kubefile: KubefileSource;
  readonly contextDirectory: string;
  readonly ignoreFile?: string | undefined;
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly buildContexts?: readonly string[];
  readonly platform: Platform;
  /** Warnings are errors. */
  readonly isStrict: boolean;
}

export interface LintResult {
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
  readonly errors: number;
  readonly warnings: number;
  /** What could not be looked at. */
  readonly notes: readonly string[];
}

/** Everything that is wrong with a Kubefile, or looks wrong in its build context. Nothing is fetched or built. */
export async function lint(ctx: Context, request: LintRequest): Promise<LintResult> {
  const { kubefile: file, isStrict } = request;
  const kubefile = readKubefile(file.text, file.name, file.files);
  const isBroken = kubefile.warnings.some(({ severity }) => severity === "error");
  const { findings, notes } = await checkSurroundings(ctx, kubefile, request);
  const planned = isBroken ? [] : planProblems(kubefile, request);
  const found = lintKubefile(kubefile, { findings, isStrict });
  const all = [...kubefile.warnings, ...planned, ...found].toSorted((a, b) => a.span.start - b.span.start);
  const diagnostics = isStrict ? all.map((each) => ({ ...each, severity: "error" as const })) : all;
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  return { diagnostics, errors, warnings: diagnostics.length - errors, notes };
}

async function checkSurroundings(ctx: Context, kubefile: Kubefile, request: LintRequest) {
  const { contextDirectory, ignoreFile, kubefile: file } = request;
  const context = openBuildContext(contextDirectory, { ignoreFile, kubefile: file.path });
  const { cached, notes } = await findCached(ctx, contextDirectory);
  const findings = [...checkImages(kubefile, cached), ...checkCommands(kubefile), ...checkContext(kubefile, context)];
  return { findings, notes };
}

/** A list that cannot be read is no matter of the Kubefile. */
async function findCached(ctx: Context, contextDirectory: string) {
  try {
    const { images, archives, notes } = await scanContext(ctx, openLocalTree(contextDirectory));
    return { cached: new Set([...images, ...archives].map(({ name }) => name)), notes };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { cached: undefined, notes: [messageOf(error)] };
  }
}

function planProblems(kubefile: Kubefile, request: LintRequest): readonly Diagnostic[] {
  try {
    planBuild(kubefile, request);
    return [];
  } catch (error) {
    if (error instanceof KubefileError) return error.diagnostics;
    throw error;
  }
}
