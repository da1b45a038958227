import type { BuildPreview, LayerPreview, PlatformPreview, StagePreview } from "../actions/preview-build.ts";
import { renderSize } from "../base/text.ts";

/** A preview for people. */
export function renderPreview({ names, platforms }: BuildPreview): string {
  const lines = platforms.flatMap(renderPlatformPreview);
  return [...lines, ...names.map((name) => `Name: ${name}`)].join("\n");
}

function renderPlatformPreview({ platform, format, compression, stages }: PlatformPreview): string[] {
  return [`Platform ${platform}, format ${format}, compression ${compression}`, ...stages.flatMap(renderStage)];
}

function renderStage({ index, name, base, needs, steps, layers, unknown }: StagePreview): string[] {
  const title = name === undefined ? `Stage ${index}` : `Stage ${index} (${name})`;
  const needed = needs.length === 0 ? "" : `, needs stage ${needs.join(", ")}`;
  return [
    `  ${title} from ${base}${needed}`,
    ...steps.map(({ line, instruction }) => `    ${line}: ${instruction}`),
    ...(layers ?? []).map(renderLayer),
    ...(unknown === undefined ? [] : [`    Layers: not known, ${unknown}`]),
  ];
}

function renderLayer({ instruction, entries, sizeBytes, cacheKey, isCached }: LayerPreview): string {
  const state = isCached ? "cached" : "to be made";
  const key = cacheKey === undefined ? "" : `, key ${cacheKey.slice(0, 12)}`;
  return `    Layer of ${instruction}: ${entries} entries, ${renderSize(sizeBytes)}, ${state}${key}`;
}
