import { fixed, functionTable } from "../function.ts";
import { kindOf, typeOf } from "../value/kind.ts";
import type { Value } from "../value/value.ts";
import { deepCopy, deepEqual } from "./deep.ts";

/** `%T` of nil is `<nil>`, its kind is `invalid`. */
function typeName(value: Value): string {
  return value === undefined || value === null ? "<nil>" : typeOf(value);
}

function kindName(value: Value): string {
  return value === null ? "invalid" : kindOf(value);
}

const copy = fixed(["any"], deepCopy);

export const typeFunctions = functionTable({
  typeOf: fixed(["any"], typeName),
  typeIs: fixed(["string", "any"], (type, value) => type === typeName(value)),
  typeIsLike: fixed(["string", "any"], (type, value) => type === typeName(value) || `*${type}` === typeName(value)),
  kindOf: fixed(["any"], kindName),
  kindIs: fixed(["string", "any"], (kind, value) => kind === kindName(value)),
  deepEqual: fixed(["any", "any"], deepEqual),
  deepCopy: copy,
  mustDeepCopy: copy,
});
