import { parseFloat64, parseInt64, parseUint64 } from "../value/parse-number.ts";
import { quote, unquote } from "../value/quote.ts";
import type { NumberNode } from "./node.ts";
import type { Token } from "./token.ts";

/** The constant under every type that can hold it, or what is wrong with it. */
export function parseNumberLiteral({ type, text, offset }: Token): NumberNode | string {
  const node = { kind: "number", offset, text, isComplex: false } as const;
  if (type === "character") return parseCharacter(text, node);
  if (type === "complex" || text.endsWith("i")) return `complex constants are not supported: ${quote(text)}`;
  const unsigned = parseUint64(text);
  const integer = parseInt64(text);
  if (typeof integer === "bigint") {
    const isZero = integer === 0n;
    return { ...node, integer, unsigned: isZero ? 0n : toBigint(unsigned), float: Number(integer) };
  }
  if (typeof unsigned === "bigint") return { ...node, integer: undefined, unsigned, float: Number(unsigned) };
  return parseFloatLiteral(text, node);
}

type NumberStart = Pick<NumberNode, "kind" | "offset" | "text" | "isComplex">;

function toBigint(value: bigint | string): bigint | undefined {
  return typeof value === "bigint" ? value : undefined;
}

function parseCharacter(text: string, node: NumberStart): NumberNode | string {
  const character = unquote(text);
  if (character === undefined || character === "") return problemOf(text);
  const code = character.codePointAt(0) ?? 0;
  return { ...node, integer: BigInt(code), unsigned: BigInt(code), float: code };
}

function problemOf(text: string): string {
  const first = /^'(\\(?:x..|[0-7]{3}|u.{4}|U.{8}|[^])|[^\\'])/.exec(text)?.[1];
  const isWell = first !== undefined && unquote(`'${first}'`) !== undefined;
  return isWell ? `malformed character constant: ${text}` : "invalid syntax";
}

function parseFloatLiteral(text: string, node: NumberStart): NumberNode | string {
  const float = parseFloat64(text);
  if (typeof float !== "number") return `illegal number syntax: ${quote(text)}`;
  if (!/[.eEpP]/.test(text)) return `integer overflow: ${quote(text)}`;
  const isInteger = Number.isInteger(float) && Math.abs(float) < 2 ** 63;
  const integer = isInteger ? BigInt(float) : undefined;
  return {
    ...node,
    float,
    integer,
    unsigned: Number.isInteger(float) && float >= 0 && float < 2 ** 64 ? BigInt(float) : undefined,
  };
}
