import { assertNever } from "../../base/error.ts";
import { quote } from "../value/quote.ts";
import type { BranchNode, CommandNode, Node, PipeNode } from "./node.ts";

/** The node as source text, normalised as Go's error messages show it. */
export function renderNode(node: Node): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "action":
      return `{{${renderPipe(node.pipe)}}}`;
    case "if":
    case "with":
    case "range":
      return renderBranch(node);
    case "template":
      return `{{template ${quote(node.name)}${node.pipe ? ` ${renderPipe(node.pipe)}` : ""}}}`;
    case "break":
    case "continue":
      return `{{${node.kind}}}`;
    case "list":
      return node.nodes.map(renderNode).join("");
    case "pipe":
      return renderPipe(node);
    case "command":
      return renderCommand(node);
    case "field":
      return node.names.map((name) => `.${name}`).join("");
    case "variable":
      return node.names.join(".");
    case "chain":
      return [renderOperand(node.operand), ...node.names].join(".");
    case "identifier":
      return node.name;
    case "dot":
      return ".";
    case "nil":
      return "nil";
    case "bool":
      return String(node.value);
    case "string":
      return node.quoted;
    case "number":
      return node.text;
    default:
      return assertNever(node);
  }
}

function renderPipe(pipe: PipeNode): string {
  const variables = pipe.declarations.map(renderNode).join(", ");
  const commands = pipe.commands.map(renderCommand).join(" | ");
  return variables === "" ? commands : `${variables} ${pipe.isAssignment ? "=" : ":="} ${commands}`;
}

function renderCommand(command: CommandNode): string {
  return command.operands.map(renderOperand).join(" ");
}

function renderOperand(node: Node): string {
  return node.kind === "pipe" ? `(${renderPipe(node)})` : renderNode(node);
}

function renderBranch(node: BranchNode): string {
  const elseText = node.elseList ? `{{else}}${renderNode(node.elseList)}` : "";
  return `{{${node.kind} ${renderPipe(node.pipe)}}}${renderNode(node.list)}${elseText}{{end}}`;
}
