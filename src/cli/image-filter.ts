import type { ImageSummary } from "../actions/list-images.ts";
import { UsageError } from "../base/error.ts";
import { findClosest } from "../base/text.ts";
import { hexOf } from "../oci/digest.ts";

type Condition = (image: ImageSummary) => boolean;

/** What `--filter NAME=VALUE` can be. */
const FILTERS: Readonly<Record<string, (value: string) => Condition>> = {
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
export function parseFilters(filters: readonly string[]): Condition {
  const conditions = filters.map(parseFilter);
  return (image) => conditions.every((condition) => condition(image));
}

/** True for images one of whose names is the pattern or ends with it after a slash; `*` stands for anything. */
export function matchesName(pattern: string): Condition {
  const expression = pattern.split("*").map(escapeExpression).join(".*");
  const name = new RegExp(String.raw`(?:^|/)${expression}(?:[:@][^/]*)?$`);
  return ({ names }) => names.some((candidate) => name.test(candidate));
}

function escapeExpression(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

function parseFilter(filter: string): Condition {
  const equals = filter.indexOf("=");
  const name = equals < 0 ? filter : filter.slice(0, equals);
  const make = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
  if (equals >= 0 && make) return make(filter.slice(equals + 1));
  const closest = findClosest(name, Object.keys(FILTERS));
  throw new UsageError(`Cannot filter by "${filter}": expected NAME=VALUE with ${Object.keys(FILTERS).join(", ")}`, {
    hint: closest === undefined || closest === name ? undefined : `Did you mean ${closest}?`,
  });
}
