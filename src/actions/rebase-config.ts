import type { ExecutionConfig, HistoryEntry, ImageConfig } from "../oci/image-config.ts";

/** What a command made depends on the files below it; what was copied does not. */
const COMMAND = /^(?:RUN\b|\/bin\/(?:ba)?sh -c (?!#\(nop\)))/;

/** The steps of an image above its base whose files depend on the base. */
export function dependentSteps(image: ImageConfig, base: ImageConfig): readonly HistoryEntry[] {
  const own = (image.history ?? []).slice(base.history?.length ?? 0);
  return own.filter(({ created_by = "", empty_layer }) => empty_layer !== true && COMMAND.test(created_by));
}

/** The configuration on another base: what the image changed stays, what it took from its base comes from the new one. */
export function rebaseConfig(
  image: ImageConfig,
  { oldBase, newBase }: { oldBase: ImageConfig; newBase: ImageConfig },
): ImageConfig {
  const own = oldBase.rootfs.diff_ids.length;
  const history = [...(newBase.history ?? []), ...(image.history ?? []).slice(oldBase.history?.length ?? 0)];
  return {
    ...image,
    config: rebaseExecution(image.config ?? {}, { oldBase: oldBase.config ?? {}, newBase: newBase.config ?? {} }),
    rootfs: { ...image.rootfs, diff_ids: [...newBase.rootfs.diff_ids, ...image.rootfs.diff_ids.slice(own)] },
    ...(history.length === 0 ? {} : { history }),
  };
}

function rebaseExecution(
  image: ExecutionConfig,
  { oldBase, newBase }: { oldBase: ExecutionConfig; newBase: ExecutionConfig },
): ExecutionConfig {
  const parts = [image, oldBase, newBase].map((config) => toFields(config));
  const [own = {}, before = {}, after = {}] = parts;
  return Object.fromEntries(
    [...new Set([...Object.keys(after), ...Object.keys(own)])].flatMap((name) => {
      const value = rebaseField(own[name], before[name], after[name]);
      return value === undefined ? [] : [[name, name === "Env" && isRecord(value) ? toLines(value) : value]];
    }),
  );
}

/** Objects and the environment field by field, everything else as a whole. */
function rebaseField(own: unknown, before: unknown, after: unknown): unknown {
  if ([own, before, after].every((value) => value === undefined || isRecord(value))) {
    const [mine, old, fresh] = [own, before, after].map((value) => (isRecord(value) ? value : {}));
    const names = new Set([...Object.keys(fresh ?? {}), ...Object.keys(mine ?? {})]);
    const entries = [...names].flatMap((name) => {
      const value = choose(mine?.[name], old?.[name], fresh?.[name]);
      return value === undefined ? [] : [[name, value] as const];
    });
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  return choose(own, before, after);
}

function choose(own: unknown, before: unknown, after: unknown): unknown {
  return JSON.stringify(own) === JSON.stringify(before) ? after : own;
}

function toFields(config: ExecutionConfig): Record<string, unknown> {
  const { Env, ...others } = config;
  if (!Env) return others;
  const pairs = Env.map((entry) => {
    const equals = entry.indexOf("=");
    return equals < 0 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
  });
  return { ...others, Env: Object.fromEntries(pairs) };
}

function toLines(variables: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(variables).map(([name, value]) => `${name}=${String(value)}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
