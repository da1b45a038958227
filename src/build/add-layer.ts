import type { LayerEntry } from "../archive/tar-entry.ts";
import type { Context } from "../base/context.ts";
import { assertNever } from "../base/error.ts";
import type { CopyInstruction } from "../kubefile/instruction.ts";
import type { Span } from "../kubefile/source.ts";
import type { Platform } from "../oci/platform.ts";
import { expand, type Expansion } from "./apply-variables.ts";
import { openImageTree } from "./base-image.ts";
import type { BuildStep, CopyOrigin } from "./build-plan.ts";
import type { FileTree } from "./context/file-tree.ts";
import { MemoryTree } from "./context/memory-tree.ts";
import { walkTree } from "./context/walk-tree.ts";
import { readCopyFlags, type CopyFlags } from "./copy-flags.ts";
import { toAttributes, type Attributes } from "./copy-rules.ts";
import { copySource, resolveDestination, type Destination } from "./layer/copy-files.ts";
import { findImageAt } from "./find-image-at.ts";
import { LayerDraft } from "./layer/layer-draft.ts";
import { isArchive, openArchive, putMembers, type OpenArchive } from "./layer/unpack-archive.ts";
import { archiveAt, atPlace, problemAt, type Place } from "./place.ts";
import { selectSources, type SelectedSource } from "./select-sources.ts";
import { verifyLocal } from "./verify-local.ts";
import type { StageRun } from "./stage-run.ts";
import type { Stage } from "./stage.ts";

const NO_XATTRS =
  "Extended attributes and file capabilities of the context are left out: neither perl nor python3 is installed";

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
  const flags = readCopyFlags(instruction, { expansion, place });
  const origin = await openOrigin(ctx, { span: instruction.span, from, platform }, run);
  const { remote } = run.environment;
  const found = await selectSources(ctx, instruction, { origin, flags, expansion, place, remote });
  const selected = await verifyLocal(ctx, found, flags);
  const stageTree = await stage.openTree(ctx);
  const tree = flags.isLinked ? new MemoryTree() : stageTree;
  const isFromImage = from.kind === "stage" || from.kind === "image";
  const attributes = toAttributes(flags, { isFromImage, tree });
  const workingDirectory = stage.state.config.WorkingDir ?? "/";
  const destination = findDestination(instruction, { tree, workingDirectory, selected, flags, expansion, place });
  const draft = new LayerDraft(tree, { mtime: epoch });
  await putSources(ctx, { draft, instruction, flags, selected, destination, attributes, place }, run);
  if (!(await draft.readXattrs(ctx, run.xattrs))) run.note(NO_XATTRS);
  if (flags.isLinked) for (const [path, entry] of walkTree(tree, "")) stageTree.put(path, entry);
  return { title: instruction.text, entries: draft.entries() };
}

/** @param request with the place that wants it */
export async function openOrigin(
  ctx: Context,
  { span, from, platform }: { span: Span; from: CopyOrigin; platform: Platform },
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
      const wanted = { name: from.name, platform, span };
      return openImageTree(ctx, environment.store, await findImageAt(ctx, wanted, run));
    }
    default:
      return assertNever(from);
  }
}

interface DestinationRequest {
  readonly tree: FileTree;
  readonly workingDirectory: string;
  readonly selected: readonly SelectedSource[];
  readonly flags: CopyFlags;
  readonly expansion: Expansion;
  readonly place: Place;
}

function findDestination(
  { kind, destination: word, sources, heredocs }: CopyInstruction,
  { tree, workingDirectory, selected, flags, expansion, place }: DestinationRequest,
): Destination {
  const wordPlace = { ...place, span: word.span };
  const destination = atPlace(wordPlace, () =>
    resolveDestination(tree, {
      destination: expand(word, expansion),
      workingDirectory,
      isFolder: flags.keepsParents || sources.length + heredocs.length > 1,
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
  readonly flags: CopyFlags;
  readonly selected: readonly SelectedSource[];
  readonly destination: Destination;
  readonly attributes: Attributes;
  readonly place: Place;
}

async function putSources(ctx: Context, request: PutRequest, run: StageRun): Promise<void> {
  const { draft, flags, selected, destination, attributes, place } = request;
  const rules = {
    ...attributes,
    excludes: flags.excludes,
    skipped: (path: string, reason: string) => run.note(`Left out "${path}": ${reason}`),
  };
  for (const each of selected) {
    ctx.signal.throwIfAborted();
    const archive = await findArchive(ctx, request, { each, run });
    atPlace({ ...place, span: each.span }, () => {
      if (archive) putMembers(draft, archive, destination.path);
      else copySource(draft, { ...each, destination }, rules);
    });
  }
}

/** ADD unpacks an archive that it names itself, not one inside a folder. */
async function findArchive(
  ctx: Context,
  { instruction, flags, place }: PutRequest,
  { each, run }: { each: SelectedSource; run: StageRun },
): Promise<OpenArchive | undefined> {
  const { content } = each.source.entry;
  const isCandidate = instruction.kind === "ADD" && (flags.unpacks ?? each.isLocal);
  if (!isCandidate || content === undefined || content instanceof Uint8Array) return undefined;
  if (!(await isArchive(ctx, content))) return undefined;
  return archiveAt({ ...place, span: each.span }, () => openArchive(ctx, content, () => run.temporaryFile()));
}
