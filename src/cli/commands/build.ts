import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";

import { buildImage, type BuildRequest, type BuildResult } from "../../actions/build-image.ts";
import { lint, type LintRequest, type LintResult } from "../../actions/lint-kubefile.ts";
import { previewBuild, type BuildPreview } from "../../actions/preview-build.ts";
import { writeFileAtomic } from "../../base/atomic-file.ts";
import type { Context } from "../../base/context.ts";
import { Progress } from "../../base/progress.ts";
import { hexOf } from "../../oci/digest.ts";
import { BUILD_FLAGS } from "../build-flags.ts";
import { STDOUT } from "../build-places.ts";
import { toBuildRequest } from "../build-request.ts";
import { defineCommand } from "../define-command.ts";
import type { Environment } from "../environment.ts";
import { openImageEnvironment } from "../image-environment.ts";
import { renderPreview } from "../render-build.ts";
import { renderFindings } from "../render-findings.ts";
import { createReporter } from "../report/reporter.ts";

export const build = defineCommand({
  description: [
    "Builds an image from a Kubefile (or Sealfile, Dockerfile, Containerfile) and a folder of files, the context. The",
    "container images that images/shim, manifests and charts name are put into the image, below registry/, so that a cluster",
    "needs no other registry. The same input gives the same image, byte for byte. Layers that have been built before are",
    "not built again. Nothing but the image ID is printed to stdout.",
  ].join("\n"),
  examples: [
    "sealos build -t localhost/web:v1 .",
    "sealos build -f kubefiles/web/Kubefile -t web:v1 --build-arg VERSION=1 kubefiles/web",
    "sealos build -t kubernetes:v1.36.3 --build-context payload=/var/cache/payload images/kubernetes",
    "sealos build -t web:v1 --platform linux/amd64,linux/arm64 --cache-from registry.example/cache/web .",
  ],
  args: ["[context]"],
  flags: BUILD_FLAGS,
  async run(ctx, { args, flags, environment }): Promise<Built> {
    const { workingDirectory } = environment.settings;
    const request = await toBuildRequest(ctx, args.context ?? ".", flags, environment);
    if (flags.check) return { kind: "check", result: await lint(ctx, toLintRequest(request, environment)) };
    const images = await openImageEnvironment(ctx, environment, flags);
    if (flags["dry-run"] !== "false") {
      const preview = await previewBuild(ctx, images, request);
      return { kind: "preview", preview, isJson: flags["dry-run"] === "json" };
    }
    const log = flags.logfile === undefined ? undefined : openLog(resolve(workingDirectory, flags.logfile), ctx);
    try {
      const result = await buildImage(log?.ctx ?? ctx, images, request);
      if (flags.iidfile !== undefined) await writeFileAtomic(resolve(workingDirectory, flags.iidfile), result.id);
      return { kind: "image", result, isStdoutTaken: writesToStdout(request) };
    } finally {
      log?.close();
    }
  },
  render: renderBuilt,
  notes: (data: Built) => notesOf(data).map((note) => `Note: ${note}`),
  exitCode: (data: Built) => (data.kind === "check" && data.result.errors > 0 ? 1 : 0),
});

type Built =
  | { readonly kind: "image"; readonly result: BuildResult; readonly isStdoutTaken: boolean }
  | { readonly kind: "check"; readonly result: LintResult }
  | { readonly kind: "preview"; readonly preview: BuildPreview; readonly isJson: boolean };

function renderBuilt(data: Built): string {
  if (data.kind === "image") return data.isStdoutTaken ? "" : hexOf(data.result.id);
  if (data.kind === "check") return renderFindings(data.result);
  return data.isJson ? JSON.stringify(data.preview, undefined, 2) : renderPreview(data.preview);
}

function notesOf(data: Built): readonly string[] {
  if (data.kind !== "preview") return data.result.notes;
  return [...new Set(data.preview.platforms.flatMap(({ notes }) => notes))];
}

function toLintRequest(
  { kubefile, contextDirectory, ignoreFile, buildArguments, buildContexts }: BuildRequest,
  { settings: { platform } }: Environment,
): LintRequest {
  const names = Object.keys(buildContexts);
  return { kubefile, contextDirectory, ignoreFile, buildArguments, buildContexts: names, platform, isStrict: false };
}

function writesToStdout({ outputs = [] }: BuildRequest): boolean {
  return outputs.some(({ destination }) => destination === STDOUT);
}

function nowMs(): number {
  return performance.now();
}

/** Progress goes there and not to the terminal. */
function openLog(path: string, ctx: Context): { readonly ctx: Context; readonly close: () => void } {
  const descriptor = openSync(path, "w", 0o644);
  const stream = { write: (text: string) => writeSync(descriptor, text) };
  const reporter = createReporter("plain", { stream, nowMs, hasColor: false, showsOutput: true });
  const close = (): void => {
    reporter.close();
    closeSync(descriptor);
  };
  return { ctx: { ...ctx, progress: Progress.root(reporter.listener, nowMs) }, close };
}
