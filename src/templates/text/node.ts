/** The syntax tree. `offset` is where Go would report the node; `render` in render-node.ts writes it as Go does. */
interface Positioned {
  readonly offset: number;
}

export interface TextNode extends Positioned {
  readonly kind: "text";
  readonly text: string;
}

export interface ActionNode extends Positioned {
  readonly kind: "action";
  readonly pipe: PipeNode;
}

export interface BranchNode extends Positioned {
  readonly kind: "if" | "with" | "range";
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly elseList: ListNode | undefined;
}

export interface TemplateNode extends Positioned {
  readonly kind: "template";
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}

export interface LoopControlNode extends Positioned {
  readonly kind: "break" | "continue";
}

export type StatementNode = TextNode | ActionNode | BranchNode | TemplateNode | LoopControlNode;

export interface ListNode extends Positioned {
  readonly kind: "list";
  readonly nodes: readonly StatementNode[];
}

export interface PipeNode extends Positioned {
  readonly kind: "pipe";
  readonly declarations: readonly VariableNode[];
  /** `=` instead of `:=`. */
  readonly isAssignment: boolean;
  readonly commands: readonly CommandNode[];
}

export interface CommandNode extends Positioned {
  readonly kind: "command";
  readonly operands: readonly [OperandNode, ...OperandNode[]];
}

export interface FieldNode extends Positioned {
  readonly kind: "field";
  readonly names: readonly string[];
}

/** `names[0]` is the variable with its dollar sign, the others are fields of it. */
export interface VariableNode extends Positioned {
  readonly kind: "variable";
  readonly names: readonly [string, ...string[]];
}

/** Fields of what a parenthesis or a function gives. */
export interface ChainNode extends Positioned {
  readonly kind: "chain";
  readonly operand: OperandNode;
  readonly names: readonly string[];
}

export interface IdentifierNode extends Positioned {
  readonly kind: "identifier";
  readonly name: string;
}

export interface DotNode extends Positioned {
  readonly kind: "dot";
}

export interface NilNode extends Positioned {
  readonly kind: "nil";
}

export interface BoolNode extends Positioned {
  readonly kind: "bool";
  readonly value: boolean;
}

export interface StringNode extends Positioned {
  readonly kind: "string";
  readonly quoted: string;
  readonly value: string;
}

/** A constant without a type yet; the fields say what it can be. */
export interface NumberNode extends Positioned {
  readonly kind: "number";
  readonly text: string;
  readonly integer: bigint | undefined;
  readonly unsigned: bigint | undefined;
  readonly float: number | undefined;
  readonly isComplex: boolean;
}

export type OperandNode =
  | FieldNode
  | VariableNode
  | ChainNode
  | IdentifierNode
  | DotNode
  | NilNode
  | BoolNode
  | StringNode
  | NumberNode
  | PipeNode;

export type Node = StatementNode | ListNode | CommandNode | OperandNode;
