import { FunctionError } from "../error.ts";
import { fixed, functionTable, variadic } from "../function.ts";
import type { FunctionTable } from "../function.ts";
import { kindOf } from "../value/kind.ts";
import { findItems, TypedList } from "../value/value.ts";
import type { GoCallable, Value } from "../value/value.ts";
import { castInteger } from "./casts.ts";
import { deepEqual } from "./deep.ts";
import { isEmpty } from "./defaults.ts";

const NIL_LIST = new TypedList("interface {}", [], true);

/** The items of a list; anything else is the error that Sprig gives. */
function itemsOf(value: Value, problem: string): readonly Value[] {
  const items = findItems(value);
  if (items) return items;
  if (value === undefined || value === null) {
    throw new FunctionError("runtime error: invalid memory address or nil pointer dereference");
  }
  throw new FunctionError(`${problem} ${kindOf(value)}`);
}

function isIn(items: readonly Value[], wanted: Value): boolean {
  return items.some((item) => deepEqual(wanted, item));
}

function unique(items: readonly Value[]): Value[] {
  const found: Value[] = [];
  for (const item of items) if (!isIn(found, item)) found.push(item);
  return found;
}

function slice(list: Value, bounds: readonly Value[]): Value {
  const items = itemsOf(list, "list should be type of slice or array but");
  if (items.length === 0) return null;
  const start = bounds.length > 0 ? Number(castInteger(bounds[0])) : 0;
  const end = bounds.length > 1 ? Number(castInteger(bounds[1])) : items.length;
  if (start < 0 || end < start || end > items.length)
    throw new FunctionError("reflect.Value.Slice: slice index out of bounds");
  const part = items.slice(start, end);
  return list instanceof TypedList ? new TypedList(list.elementType, part) : part;
}

function chunk(size: number, list: Value): Value {
  const items = itemsOf(list, "Cannot chunk type");
  if (size <= 0) throw new FunctionError("runtime error: makeslice: len out of range");
  const chunks: Value[] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return new TypedList("[]interface {}", chunks);
}

function concat(lists: readonly Value[]): Value {
  const all = lists.flatMap((list) => {
    const items = findItems(list);
    if (items) return items;
    if (list === undefined || list === null) return itemsOf(list, "");
    throw new FunctionError(`Cannot concat type ${kindOf(list)} as list`);
  });
  return all.length === 0 ? NIL_LIST : all;
}

/** An empty list stays nil, as in Go. */
function withoutOne(items: readonly Value[], start: number, end: number): Value {
  return items.length === 0 ? NIL_LIST : items.slice(start, end);
}

const push = fixed(["any", "any"], (list, item) => [...itemsOf(list, "Cannot push on type"), item]);

const withMust: Readonly<Record<string, GoCallable>> = {
  prepend: fixed(["any", "any"], (list, item) => [item, ...itemsOf(list, "Cannot prepend on type")]),
  first: fixed(["any"], (list) => itemsOf(list, "Cannot find first on type")[0] ?? null),
  last: fixed(["any"], (list) => itemsOf(list, "Cannot find last on type").at(-1) ?? null),
  rest: fixed(["any"], (list) => {
    const items = itemsOf(list, "Cannot find rest on type");
    return withoutOne(items, 1, items.length);
  }),
  initial: fixed(["any"], (list) => {
    const items = itemsOf(list, "Cannot find initial on type");
    return withoutOne(items, 0, items.length - 1);
  }),
  reverse: fixed(["any"], (list) => itemsOf(list, "Cannot find reverse on type").toReversed()),
  compact: fixed(["any"], (list) => itemsOf(list, "Cannot compact on type").filter((item) => !isEmpty(item))),
  uniq: fixed(["any"], (list) => unique(itemsOf(list, "Cannot find uniq on type"))),
  without: variadic(["any"], "any", (list, unwanted) =>
    itemsOf(list, "Cannot find without on type").filter((item) => !isIn(unwanted, item)),
  ),
  has: fixed(["any", "any"], (wanted, list) =>
    list === null || list === undefined ? false : isIn(itemsOf(list, "Cannot find has on type"), wanted),
  ),
  slice: variadic(["any"], "any", slice),
  chunk: fixed(["int", "any"], chunk),
};

/** Sprig has each of these twice; the two differ in Go only, where one panics and the other returns its error. */
export function withMustForms(functions: Readonly<Record<string, GoCallable>>): FunctionTable {
  return new Map(
    Object.entries(functions).flatMap(([name, callable]) => [
      [name, callable] as const,
      [`must${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, callable] as const,
    ]),
  );
}

export const listFunctions: FunctionTable = new Map([
  ...functionTable({
    list: variadic([], "any", (items) => items),
    tuple: variadic([], "any", (items) => items),
    append: push,
    push,
    mustAppend: push,
    mustPush: push,
    concat: variadic([], "any", concat),
  }),
  ...withMustForms(withMust),
]);
