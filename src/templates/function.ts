import type { GoCallable, GoMap, ParameterType, TypedList, Value } from "./value/value.ts";

/** Functions by the name that templates call them with. A `Map`, so that no name reaches a prototype. */
export type FunctionTable = ReadonlyMap<string, GoCallable>;

/** All that an execution asks of its functions. */
export type FunctionLookup = Pick<FunctionTable, "get">;

/** What an implementation gets for each declared parameter. */
interface ParameterValues {
  readonly any: Value;
  readonly value: Value;
  readonly string: string;
  readonly bool: boolean;
  readonly int: number;
  readonly int64: bigint;
  readonly float64: number;
  readonly list: readonly Value[];
  readonly strings: TypedList;
  readonly map: GoMap;
  readonly error: Value;
  readonly time: Value;
}

type Arguments<P extends readonly ParameterType[]> = { [I in keyof P]: ParameterValues[P[I]] };

/** A function with a fixed number of parameters. */
export function fixed<const P extends readonly ParameterType[]>(
  parameters: P,
  implementation: (...args: Arguments<P>) => Value,
): GoCallable {
  return { parameters, variadic: undefined, call: (args) => apply(implementation, convert(args, parameters, "any")) };
}

/** A function whose last parameter takes any number of arguments, given to the implementation as an array. */
export function variadic<const P extends readonly ParameterType[], V extends ParameterType>(
  parameters: P,
  rest: V,
  implementation: (...args: [...Arguments<P>, readonly ParameterValues[V][]]) => Value,
): GoCallable {
  const count = parameters.length;
  return {
    parameters,
    variadic: rest,
    call: (args) => {
      const converted = convert(args, parameters, rest);
      return apply(implementation, [...converted.slice(0, count), converted.slice(count)]);
    },
  };
}

/** The executor has checked the arguments against the declaration that gives the implementation its type. */
function apply(implementation: unknown, args: readonly unknown[]): Value {
  if (typeof implementation !== "function") throw new TypeError("not a function");
  return Reflect.apply(implementation, undefined, args);
}

function convert(args: readonly Value[], parameters: readonly ParameterType[], rest: ParameterType): readonly Value[] {
  if (rest !== "int" && !parameters.includes("int")) return args;
  return args.map((arg, index) => toParameter(arg, parameters[index] ?? rest));
}

/** `int` parameters are counts and offsets: a plain number is exact enough for all that fit in memory. */
function toParameter(arg: Value, type: ParameterType): Value {
  return type === "int" && typeof arg === "bigint" ? Number(arg) : arg;
}

export function functionTable(functions: Readonly<Record<string, GoCallable>>): FunctionTable {
  return new Map(Object.entries(functions));
}

/** One table out of several; later ones win. */
export function mergeFunctions(...tables: readonly FunctionTable[]): FunctionTable {
  const merged = new Map<string, GoCallable>();
  for (const table of tables) for (const [name, callable] of table) merged.set(name, callable);
  return merged;
}

/** The table with others in front of it, without copying it. */
export function overlayFunctions(front: FunctionTable, table: FunctionLookup): FunctionLookup {
  return { get: (name) => front.get(name) ?? table.get(name) };
}
