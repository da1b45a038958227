import type { ImageSummary } from "../actions/list-images.ts";
import { UsageError } from "../base/error.ts";
import { findClosest } from "../base/text.ts";
import { hexOf } from "../oci/digest.ts";

type Condition = (image: ImageSummary) => boolean;

/** All images, and the time: what conditions may compare an image with. */
export interface FilterScene {
  readonly images: readonly ImageSummary[];
  readonly now: Date;
}

/** What `--filter NAME=VALUE` can be. */
const FILTERS: Readonly<Record<string, (value: string, scene: FilterScene) => Condition>> = {
  after: isSince,
  since: isSince,
  before: (value, scene) => {
    const other = findReferenced(value, scene);
    return ({ created }) => (created?.getTime() ?? 0) < (other.created?.getTime() ?? 0);
  },
  until: (value, scene) => {
    const limit = parseTime(value, scene.now);
    return ({ created }) => (created?.getTime() ?? 0) < limit;
  },
  // No store of ours is read-only, none has intermediate images, and no container is made of images.
  readonly: (value) => () => value === "false",
  intermediate: (value) => () => value === "false",
  containers: (value) => () => value === "false",
  manifest: (value) => {
    const wanted = value !== "false";
    return ({ isIndex }) => isIndex === wanted;
  },
  dangling: (value) => {
    const wanted = value !== "false";
    return ({ names }) => (names.length === 0) === wanted;
  },
  digest:
    (value) =>
    ({ digest }) =>
      digest.startsWith(value) || hexOf(digest).startsWith(value),
  id:
    (value) =>
    ({ id }) =>
      id.startsWith(value) || hexOf(id).startsWith(value),
  label: (value) => {
    const equals = value.indexOf("=");
    const name = equals < 0 ? value : value.slice(0, equals);
    return ({ labels }) => name in labels && (equals < 0 || labels[name] === value.slice(equals + 1));
  },
  reference: (value) => matchesName(value),
};

/** All conditions must hold. @throws {UsageError} when one is not known. */
export function parseFilters(filters: readonly string[], scene: FilterScene): Condition {
  const conditions = filters.map((filter) => parseFilter(filter, scene));
  return (image) => conditions.every((condition) => condition(image));
}

/** True for images one of whose names is the pattern or ends with it after a slash; `*` stands for anything. */
export function matchesName(pattern: string): Condition {
  const expression = pattern.split("*").map(escapeExpression).join(".*");
  const name = new RegExp(String.raw`(?:^|/)${expression}(?:[:@][^/]*)?$`);
  return ({ names }) => names.some((candidate) => name.test(candidate));
}

function isSince(value: string, scene: FilterScene): Condition {
  const other = findReferenced(value, scene);
  return ({ created }) => (created?.getTime() ?? 0) > (other.created?.getTime() ?? 0);
}

function findReferenced(value: string, { images }: FilterScene): ImageSummary {
  const found = images.find((image) => matchesName(value)(image) || hexOf(image.id).startsWith(value));
  if (found) return found;
  throw new UsageError(`Cannot filter by "${value}": there is no such image`);
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A date, seconds since 1970, or how long ago: `36h`. @returns milliseconds since 1970. */
function parseTime(value: string, now: Date): number {
  const [, digits, unit] = /^(\d+)([smhd]?)$/.exec(value) ?? [];
  if (digits !== undefined && unit === "") return Number(digits) * 1000;
  if (digits !== undefined) return now.getTime() - Number(digits) * (SECONDS[unit ?? ""] ?? 0) * 1000;
  const time = Date.parse(value);
  if (!Number.isNaN(time)) return time;
  throw new UsageError(`Cannot filter by the time "${value}": expected a date, seconds since 1970, or such as 36h`);
}

function escapeExpression(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

function parseFilter(filter: string, scene: FilterScene): Condition {
  const equals = filter.indexOf("=");
  const name = equals < 0 ? filter : filter.slice(0, equals);
  const make = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
  if (equals >= 0 && make) return make(filter.slice(equals + 1), scene);
  const closest = findClosest(name, Object.keys(FILTERS));
  throw new UsageError(`Cannot filter by "${filter}": expected NAME=VALUE with ${Object.keys(FILTERS).join(", ")}`, {
    hint: closest === undefined || closest === name ? undefined : `Did you mean ${closest}?`,
  });
}
