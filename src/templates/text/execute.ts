import { TemplateError } from "../error.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Limits } from "../limits.ts";
import { findInteger, isTrue } from "../value/kind.ts";
import { print, sortedEntries } from "../value/print.ts";
import { quote } from "../value/quote.ts";
import { findItems, GoObject, Integer, TypedList, TypedMap } from "../value/value.ts";
import type { Value } from "../value/value.ts";
import { evaluatePipeline } from "./evaluate.ts";
import { Frame } from "./frame.ts";
import type { Dot, MissingKey, Session } from "./frame.ts";
import type { BranchNode, ListNode, StatementNode, TemplateNode } from "./node.ts";
import { Output } from "./output.ts";
import { renderNode } from "./render-node.ts";
import type { TemplateSet } from "./template.ts";

export interface ExecuteOptions {
  readonly missingKey?: MissingKey | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

/** How a statement ends: normally or by leaving the innermost range. */
type Flow = "next" | "break" | "continue";

/** Executes the template of that name. @throws {TemplateError} with Go's message. */
export function execute(set: TemplateSet, name: string, data: Value, options: ExecuteOptions = {}): string {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const session = {
    set,
    functions: set.functions,
    missingKey: options.missingKey ?? "default",
    limits,
    budget: { steps: limits.steps },
  };
  return executeIn(session, name, data, 0);
}

/** Executes a template as part of a rendering that is under way, for functions such as `include`. */
export function executeIn(session: Session, name: string, data: Value, depth: number): string {
  const tree = session.set.find(name);
  if (!tree)
    throw new TemplateError(`template: no template ${quote(name)} associated with template "gotpl"`, {
      template: name,
    });
  const output = new Output(session.limits.outputLength);
  const value = data ?? undefined;
  const frame = new Frame(session, tree, value, { output, depth });
  try {
    walkList(frame, { value, isBoxed: false }, tree.root);
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(name, error);
    throw error;
  }
  return output.toString();
}

function tooDeep(name: string, cause: RangeError): TemplateError {
  return new TemplateError(`template: ${name}: templates are nested too deeply`, { template: name }, { cause });
}

function walkList(frame: Frame, dot: Dot, list: ListNode): Flow {
  frame.at(list);
  for (const node of list.nodes) {
    const flow = walk(frame, dot, node);
    if (flow !== "next") return flow;
  }
  return "next";
}

function walk(frame: Frame, dot: Dot, node: StatementNode): Flow {
  switch (node.kind) {
    case "text":
      write(frame, node.text);
      return "next";
    case "action": {
      frame.at(node);
      const value = evaluatePipeline(frame, dot, node.pipe);
      if (node.pipe.declarations.length === 0) writeValue(frame, node, value);
      return "next";
    }
    case "if":
    case "with":
      return walkCondition(frame, dot, node);
    case "range":
      walkRange(frame, dot, node);
      return "next";
    case "template":
      walkTemplate(frame, dot, node);
      return "next";
    case "break":
    case "continue":
    default:
      return node.kind;
  }
}

function write(frame: Frame, text: string): void {
  if (!frame.output.write(text))
    frame.fail(`output exceeds the limit of ${frame.session.limits.outputLength} characters`);
}

function writeValue(frame: Frame, node: StatementNode, value: Value): void {
  frame.at(node);
  if (value instanceof GoObject && value.kind === "func")
    frame.fail(`can't print ${renderNode(node)} of type ${value.type}`);
  write(frame, value === undefined ? "<no value>" : print(value));
}

function walkCondition(frame: Frame, dot: Dot, node: BranchNode): Flow {
  frame.at(node);
  const mark = frame.mark;
  const value = evaluatePipeline(frame, dot, node.pipe);
  let flow: Flow = "next";
  if (isTrue(value)) flow = walkList(frame, node.kind === "with" ? { value, isBoxed: false } : dot, node.list);
  else if (node.elseList) flow = walkList(frame, dot, node.elseList);
  frame.popTo(mark);
  return flow;
}

function walkTemplate(frame: Frame, dot: Dot, node: TemplateNode): void {
  frame.at(node);
  const { session, depth, output } = frame;
  const tree = session.set.find(node.name);
  if (!tree) return frame.fail(`template ${quote(node.name)} not defined`);
  if (depth >= session.limits.depth) frame.fail(`exceeded maximum template depth (${session.limits.depth})`);
  const data = node.pipe ? evaluatePipeline(frame, dot, node.pipe) : undefined;
  const inner = new Frame(session, tree, data, { output, depth: depth + 1 });
  walkList(inner, { value: data, isBoxed: false }, tree.root);
}

function walkRange(frame: Frame, dot: Dot, node: BranchNode): void {
  frame.at(node);
  const mark = frame.mark;
  const value = evaluatePipeline(frame, dot, node.pipe);
  if (!iterate(frame, node, value) && node.elseList) walkList(frame, dot, node.elseList);
  frame.popTo(mark);
}

/** False when there was nothing to iterate over. */
function iterate(frame: Frame, node: BranchNode, value: Value): boolean {
  if (value === undefined || value === null) return false;
  const integer = findInteger(value);
  if (integer !== undefined) return iterateInteger(frame, node, value, integer);
  const map = value instanceof Map ? value : value instanceof GoObject ? value.entries() : undefined;
  if (map) return iterateMap(frame, node, map);
  const items = findItems(value);
  if (!items) return frame.fail(`range can't iterate over ${print(value)}`);
  const isBoxed = !(value instanceof TypedList);
  for (let index = 0; index < items.length; index++) {
    if (iteration(frame, node, BigInt(index), { value: items[index], isBoxed }) === "break") break;
  }
  return items.length > 0;
}

function iterateMap(frame: Frame, node: BranchNode, map: ReadonlyMap<string, Value>): boolean {
  const isBoxed = !(map instanceof TypedMap);
  for (const [key, item] of sortedEntries(map)) {
    if (iteration(frame, node, key, { value: item, isBoxed }) === "break") break;
  }
  return map.size > 0;
}

function iterateInteger(frame: Frame, node: BranchNode, value: Value, count: bigint): boolean {
  if (node.pipe.declarations.length > 1) frame.fail(`can't use ${count} to iterate over more than one variable`);
  for (let index = 0n; index < count; index++) {
    const item = value instanceof Integer ? new Integer(value.type, index) : index;
    if (iteration(frame, node, undefined, { value: item, isBoxed: false }) === "break") break;
  }
  return count > 0n;
}

function iteration(frame: Frame, node: BranchNode, index: Value, item: Dot): Flow {
  setLoopVariables(frame, node, index, item);
  const mark = frame.mark;
  const flow = walkList(frame, item, node.list);
  frame.popTo(mark);
  return flow;
}

function setLoopVariables(frame: Frame, { pipe }: BranchNode, index: Value, item: Dot): void {
  const [first, second] = pipe.declarations;
  if (!first) return;
  if (!pipe.isAssignment) {
    frame.assignTop(1, item.value, item.isBoxed);
    if (second) frame.assignTop(2, index, false);
  } else if (second) {
    frame.assign(first.names[0], index, false);
    frame.assign(second.names[0], item.value, item.isBoxed);
  } else frame.assign(first.names[0], item.value, item.isBoxed);
}
