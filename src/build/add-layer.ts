import type { LayerEntry } from "../archive/tar-entry.ts";
import type { Context } from "../base/context.ts";
import { assertNever } from "../base/error.ts";
import type { CopyInstruction } from "../kubefile/instruction.ts";
import type { Platform } from "../oci/platform.ts";
import { expand, type Expansion } from "./apply-variables.ts";
import { openImageTree } from "./base-image.ts";
import type { BuildStep, CopyOrigin } from "./build-plan.ts";
import type { FileTree } from "./context/file-tree.ts";
import type { FoundSource } from "./context/find-sources.ts";
import type { MemoryTree } from "./context/memory-tree.ts";
import { readAttributes, type Attributes } from "./copy-rules.ts";
import { copySource, resolveDestination, type Destination } from "./layer/copy-files.ts";
import { findImageAt } from "./find-image-at.ts";
import { LayerDraft } from "./layer/layer-draft.ts";
import { isArchive, openArchive, putMembers, type OpenArchive } from "./layer/unpack-archive.ts";
import { atPlace, problemAt, type Place } from "./place.ts";
import { selectSources, type SelectedSource } from "./select-sources.ts";
import type { StageRun } from "./stage-run.ts";
import type { Stage } from "./stage.ts";

export interface LayerRequest {
  readonly stage: Stage;
  readonly step: Extract<BuildStep, { op: "add-layer" }>;
  readonly platform: Platform;
}

/** What COPY or ADD adds to a stage. Its tree changes accordingly; the entries are what a layer needs. */
export async function addLayer(
  ctx: Context,
  { stage, step, platform }: LayerRequest,
  run: StageRun,
): Promise<{ title: string; entries: readonly LayerEntry[] }> {
  const { instruction, from } = step;
  const { source, escape, epoch } = run.plan;
  const place = { source, span: instruction.span };
  const expansion = { escape, variables: stage.state.variables };
  const origin = await openOrigin(ctx, { instruction, from, platform }, run);
  const selected = selectSources(instruction, { origin, expansion, place });
  const tree = await stage.openTree(ctx);
  const isFromImage = from.kind === "stage" || from.kind === "image";
  const attributes = readAttributes(instruction, { isFromImage, tree, expansion, place });
  const workingDirectory = stage.state.config.WorkingDir ?? "/";
  const destination = findDestination(instruction, { tree, workingDirectory, selected, expansion, place });
  const draft = new LayerDraft(tree, { mtime: epoch });
  await putSources(ctx, { draft, instruction, selected, origin, destination, attributes, place }, run);
  return { title: instruction.text, entries: draft.entries() };
}

async function openOrigin(
  ctx: Context,
  { instruction, from, platform }: { instruction: CopyInstruction; from: CopyOrigin; platform: Platform },
  run: StageRun,
): Promise<FileTree> {
  const { environment } = run;
  switch (from.kind) {
    case "context":
      return environment.context;
    case "build-context": {
      const tree = environment.buildContexts.get(from.name);
      if (!tree) throw new Error(`The build context "${from.name}" was planned but is not given`);
      return tree;
    }
    case "stage":
      return run.stageAt(from.index).openTree(ctx);
    case "image": {
      const wanted = { name: from.name, platform, span: instruction.span };
      return openImageTree(ctx, environment.store, await findImageAt(ctx, wanted, run));
    }
    default:
      return assertNever(from);
  }
}

interface DestinationRequest {
  readonly tree: MemoryTree;
  readonly workingDirectory: string;
  readonly selected: readonly SelectedSource[];
  readonly expansion: Expansion;
  readonly place: Place;
}

function findDestination(
  { kind, destination: word, sources, heredocs }: CopyInstruction,
  { tree, workingDirectory, selected, expansion, place }: DestinationRequest,
): Destination {
  const wordPlace = { ...place, span: word.span };
  const destination = atPlace(wordPlace, () =>
    resolveDestination(tree, {
      destination: expand(word, expansion),
      workingDirectory,
      sources: sources.length + heredocs.length,
    }),
  );
  if (destination.isFolder || selected.length === 1) return destination;
  throw problemAt(wordPlace, {
    code: "DESTINATION",
    message: `${kind} of ${selected.length} files that match needs a folder, "/${destination.path}" would be a file`,
    hint: "End the destination with a slash",
  });
}

interface PutRequest {
  readonly draft: LayerDraft;
  readonly instruction: CopyInstruction;
  readonly selected: readonly SelectedSource[];
  readonly origin: FileTree;
  readonly destination: Destination;
  readonly attributes: Attributes;
  readonly place: Place;
}

async function putSources(ctx: Context, request: PutRequest, run: StageRun): Promise<void> {
  const { draft, selected, origin, destination, attributes, place } = request;
  const rules = {
    ...attributes,
    skipped: (path: string, reason: string) => run.note(`Left out "${path}": ${reason}`),
  };
  for (const { source, span } of selected) {
    ctx.signal.throwIfAborted();
    const archive = await findArchive(ctx, request, { source, run });
    atPlace({ ...place, span }, () => {
      if (archive) putMembers(draft, archive, destination.path);
      else copySource(draft, { tree: origin, source, destination }, rules);
    });
  }
}

/** ADD unpacks an archive that it names itself, not one inside a folder. */
async function findArchive(
  ctx: Context,
  { instruction, origin }: PutRequest,
  { source, run }: { source: FoundSource; run: StageRun },
): Promise<OpenArchive | undefined> {
  const { content } = source.entry;
  const isCandidate = instruction.kind === "ADD" && origin.hostRoot !== undefined;
  if (!isCandidate || content === undefined || content instanceof Uint8Array) return undefined;
  if (!(await isArchive(ctx, content))) return undefined;
  return openArchive(ctx, content, () => run.temporaryFile());
}
