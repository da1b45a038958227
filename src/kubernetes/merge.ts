/** A JSON or YAML mapping. */
export type PlainObject = { readonly [key: string]: unknown };

export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Deep merge of configuration: mappings field by field, `override` wins. Lists whose elements all have a `name` are
 * merged by that name, as Kubernetes does with arguments and environment; every other list is replaced.
 */
export function mergeConfiguration(base: unknown, override: unknown): unknown {
  if (override === undefined) return base;
  if (isPlainObject(base) && isPlainObject(override)) {
    const keys = new Set([...Object.keys(base), ...Object.keys(override)]);
    return Object.fromEntries([...keys].map((key) => [key, mergeConfiguration(base[key], override[key])]));
  }
  if (isNamedList(base) && isNamedList(override)) return mergeByName(base, override);
  return override;
}

type Named = PlainObject & { readonly name: string };

function isNamedList(value: unknown): value is Named[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((element) => isPlainObject(element) && typeof element["name"] === "string")
  );
}

function mergeByName(base: readonly Named[], override: readonly Named[]): unknown[] {
  const added = override.filter(({ name }) => !base.some((element) => element.name === name));
  const merged = base.map((element) =>
    mergeConfiguration(
      element,
      override.find(({ name }) => name === element.name),
    ),
  );
  return [...merged, ...added];
}
