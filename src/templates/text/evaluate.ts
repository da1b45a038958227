import { FunctionError, TemplateError } from "../error.ts";
import { isTrue, typeOf } from "../value/kind.ts";
import { quote } from "../value/quote.ts";
import { GoObject, MethodMap, TypedList, TypedMap, zeroElement } from "../value/value.ts";
import type { GoCallable, ParameterType, Value } from "../value/value.ts";
import { assign, assignLiteral, assignNil, literal, Misfit } from "./arguments.ts";
import type { Dot, Frame } from "./frame.ts";
import type { ChainNode, CommandNode, Node, OperandNode, PipeNode } from "./node.ts";
import { renderNode } from "./render-node.ts";

/** The first command of a pipeline has no value from before. */
const NOTHING: unique symbol = Symbol("nothing");
type Final = Value | typeof NOTHING;

/** Arguments of a function or method: what is written, and what the pipeline adds at the end. */
interface Call {
  readonly dot: Dot;
  readonly operands: readonly OperandNode[];
  readonly final: Final;
}

/** The pipeline's value; its variables are declared or assigned in the frame. */
export function evaluatePipeline(frame: Frame, dot: Dot, pipe: PipeNode): Value {
  frame.at(pipe);
  let value: Final = NOTHING;
  for (const command of pipe.commands) value = evaluateCommand(frame, dot, command, value) ?? undefined;
  const result = value === NOTHING ? undefined : value;
  for (const { names } of pipe.declarations) {
    if (pipe.isAssignment) frame.assign(names[0], result, false);
    else frame.declare(names[0], result);
  }
  frame.isBoxed = false;
  return result;
}

function evaluateCommand(frame: Frame, dot: Dot, command: CommandNode, final: Final): Value {
  const [first, ...operands] = command.operands;
  const call: Call = { dot, operands, final };
  switch (first.kind) {
    case "field":
      frame.at(first);
      return evaluateFields(frame, dot, { node: first, names: first.names }, call);
    case "chain":
      return evaluateChain(frame, first, call);
    case "identifier":
      frame.at(first);
      return callFunction(frame, first.name, command, call);
    case "pipe":
      refuseArguments(frame, first, call);
      return evaluatePipeline(frame, dot, first);
    case "variable":
      return evaluateVariable(frame, first, call);
    case "bool":
    case "dot":
    case "nil":
    case "number":
    case "string":
    default:
      return evaluateSimple(frame, first, call);
  }
}

function evaluateSimple(
  frame: Frame,
  node: Exclude<OperandNode, { kind: "field" | "chain" | "variable" }>,
  call: Call,
): Value {
  frame.at(node);
  refuseArguments(frame, node, call);
  if (node.kind === "dot") return useDot(frame, call.dot);
  if (node.kind === "nil") return frame.fail("nil is not a command");
  return fit(frame, literal(node));
}

function refuseArguments(frame: Frame, node: OperandNode, { operands, final }: Call): void {
  if (operands.length > 0 || final !== NOTHING) frame.fail(`can't give argument to non-function ${renderNode(node)}`);
}

function useDot(frame: Frame, dot: Dot): Value {
  frame.isBoxed = dot.isBoxed;
  return dot.value;
}

function fit(frame: Frame, value: Value | Misfit): Value {
  return value instanceof Misfit ? frame.fail(value.message) : value;
}

function evaluateVariable(frame: Frame, node: Extract<OperandNode, { kind: "variable" }>, call: Call): Value {
  frame.at(node);
  const [name, ...names] = node.names;
  const variable = frame.variable(name);
  if (names.length > 0) return evaluateFields(frame, variable, { node, names }, call);
  refuseArguments(frame, node, call);
  return useDot(frame, variable);
}

function evaluateChain(frame: Frame, chain: ChainNode, call: Call): Value {
  frame.at(chain);
  const { operand, names } = chain;
  if (operand.kind === "nil") frame.fail(`indirection through explicit nil in ${renderNode(chain)}`);
  const value = evaluateUntyped(frame, call.dot, operand);
  return evaluateFields(frame, { value, isBoxed: frame.isBoxed }, { node: chain, names }, call);
}

function evaluateUntyped(frame: Frame, dot: Dot, node: OperandNode): Value {
  frame.at(node);
  const call: Call = { dot, operands: [], final: NOTHING };
  switch (node.kind) {
    case "pipe":
      return evaluatePipeline(frame, dot, node);
    case "identifier":
      return callFunction(frame, node.name, node, call);
    case "field":
      return evaluateFields(frame, dot, { node, names: node.names }, call);
    case "variable":
      return evaluateVariable(frame, node, call);
    case "chain":
      return evaluateChain(frame, node, call);
    case "dot":
      return useDot(frame, dot);
    case "bool":
    case "nil":
    case "number":
    case "string":
    default:
      return fit(frame, literal(node));
  }
}

/** `.a.b.c`; only the last name can be a method with arguments. */
function evaluateFields(
  frame: Frame,
  start: Dot,
  path: { readonly node: Node; readonly names: readonly string[] },
  call: Call,
): Value {
  const { node, names } = path;
  let receiver = start.value;
  let isBoxed = start.isBoxed;
  for (let index = 0; index < names.length; index++) {
    const isLast = index === names.length - 1;
    const last: Call = isLast ? call : { dot: call.dot, operands: [], final: NOTHING };
    frame.isBoxed = isBoxed;
    receiver = evaluateField(frame, receiver, { node, name: names[index] ?? "" }, last);
    isBoxed = frame.isBoxed;
  }
  return receiver;
}

interface FieldAccess {
  readonly node: Node;
  readonly name: string;
}

function evaluateField(frame: Frame, receiver: Value, { node, name }: FieldAccess, call: Call): Value {
  const { missingKey } = frame.session;
  if (receiver === undefined) {
    if (missingKey === "error") frame.fail(`nil data; no entry for key ${quote(name)}`);
    return undefined;
  }
  if (receiver === null) return frame.fail(`nil pointer evaluating interface {}.${name}`);
  const hasArguments = call.operands.length > 0 || call.final !== NOTHING;
  const type = frame.isBoxed ? "interface {}" : typeOf(receiver);
  if (receiver instanceof TypedList || receiver instanceof MethodMap) {
    const method = receiver.method(name);
    if (method) return callWith(frame, method, { node, name }, call);
  }
  if (receiver instanceof GoObject) {
    const method = receiver.method(name);
    if (method) return callWith(frame, method, { node, name }, call);
    const field = receiver.field(name);
    if (field !== undefined && hasArguments) frame.fail(`${name} has arguments but cannot be invoked as function`);
    frame.isBoxed = false;
    if (field !== undefined) return field;
  }
  const map = receiver instanceof Map ? receiver : receiver instanceof GoObject ? receiver.entries() : undefined;
  if (!map) return frame.fail(`can't evaluate field ${name} in type ${type}`);
  if (hasArguments) frame.fail(`${name} is not a method but has arguments`);
  frame.isBoxed = !(map instanceof TypedMap);
  const value = map.get(name);
  if (value !== undefined || map.has(name)) return value;
  if (missingKey === "error") frame.fail(`map has no entry for key ${quote(name)}`);
  return missingKey === "zero" ? zeroElement(map) : undefined;
}

function callFunction(frame: Frame, name: string, node: Node, call: Call): Value {
  const callable = frame.session.functions.get(name);
  if (!callable) return frame.fail(`${quote(name)} is not a defined function`);
  return callWith(frame, callable, { node, name }, call);
}

function callWith(frame: Frame, callable: GoCallable, { node, name }: FieldAccess, call: Call): Value {
  checkCount(frame, callable, name, call);
  if (callable.special === "and" || callable.special === "or") return shortCircuit(frame, callable.special, call);
  const values = evaluateArguments(frame, callable, call);
  if (callable.special === "call") {
    const [callee] = call.operands;
    values.unshift(callee ? renderNode(callee) : `<${typeOf(values[0])} Value>`);
  }
  const result = invoke(frame, callable, values, { node, name });
  frame.isBoxed = false;
  return result;
}

function checkCount(frame: Frame, { parameters, variadic }: GoCallable, name: string, { operands, final }: Call): void {
  const given = operands.length + (final === NOTHING ? 0 : 1);
  const wanted = parameters.length;
  if (variadic !== undefined && given < wanted) {
    frame.fail(`wrong number of args for ${name}: want at least ${wanted} got ${operands.length}`);
  }
  if (variadic === undefined && given !== wanted) {
    frame.fail(`wrong number of args for ${name}: want ${wanted} got ${given}`);
  }
}

function shortCircuit(frame: Frame, operator: "and" | "or", { dot, operands, final }: Call): Value {
  let value: Value;
  for (const operand of operands) {
    value = evaluateArgument(frame, dot, "value", operand);
    if (isTrue(value) === (operator === "or")) return value;
  }
  return final === NOTHING ? value : final;
}

function evaluateArguments(
  frame: Frame,
  { parameters, variadic }: GoCallable,
  { dot, operands, final }: Call,
): Value[] {
  const typeAt = (index: number): ParameterType => parameters[index] ?? variadic ?? "any";
  const values = operands.map((operand, index) => evaluateArgument(frame, dot, typeAt(index), operand));
  if (final !== NOTHING) values.push(fit(frame, assign(final, typeAt(operands.length))));
  return values;
}

function evaluateArgument(frame: Frame, dot: Dot, type: ParameterType, node: OperandNode): Value {
  switch (node.kind) {
    case "nil":
      frame.at(node);
      return fit(frame, assignNil(type));
    case "bool":
    case "string":
    case "number":
      frame.at(node);
      return fit(frame, assignLiteral(node, type));
    case "chain":
    case "dot":
    case "field":
    case "identifier":
    case "pipe":
    case "variable":
    default:
      return fit(frame, assign(evaluateUntyped(frame, dot, node), type));
  }
}

function invoke(frame: Frame, callable: GoCallable, values: readonly Value[], { node, name }: FieldAccess): Value {
  try {
    const result = callable.call(values);
    const { outputLength } = frame.session.limits;
    if (typeof result === "string" && result.length > outputLength) {
      throw new FunctionError(`result exceeds the limit of ${outputLength} characters`);
    }
    return result;
  } catch (error) {
    if (!(error instanceof FunctionError) && !(error instanceof TemplateError)) throw error;
    frame.at(node);
    return frame.fail(`error calling ${name}: ${error.message}`, error);
  }
}
