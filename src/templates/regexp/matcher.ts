import { assertNever } from "../../base/error.ts";
import type { Assertion } from "./node.ts";
import type { Instruction } from "./program.ts";

type Captures = readonly (number | undefined)[];

/** A set of program positions in order of preference, each at most once. */
interface Threads {
  readonly positions: number[];
  readonly captures: Captures[];
  readonly marks: Uint32Array;
}

/**
 * Finds the leftmost match at or after `start` as Perl would choose it. Walks all alternatives side by side, so that the
 * time is bounded by the product of text and pattern. Returns the offsets of the match and its groups.
 */
export function findMatch(program: readonly Instruction[], text: string, start: number): Captures | undefined {
  let current = newThreads(program.length);
  let next = newThreads(program.length);
  let generation = 1;
  let matched: Captures | undefined;
  for (let at = start; at <= text.length;) {
    if (!matched) addThread(program, current, { text, at, position: 0, captures: [], generation });
    if (matched && current.positions.length === 0) break;
    const code = text.codePointAt(at);
    const width = code === undefined ? 1 : code > 0xffff ? 2 : 1;
    next.positions.length = 0;
    next.captures.length = 0;
    for (const [index, position] of current.positions.entries()) {
      const instruction = program[position];
      const captures = current.captures[index] ?? [];
      if (instruction?.op === "match") {
        matched = captures;
        break;
      }
      if (instruction?.op !== "character" || code === undefined || !instruction.test(code)) continue;
      addThread(program, next, { text, at: at + width, position: position + 1, captures, generation: generation + 1 });
    }
    generation++;
    [current, next] = [next, current];
    at += width;
  }
  return matched;
}

function newThreads(size: number): Threads {
  return { positions: [], captures: [], marks: new Uint32Array(size) };
}

interface NewThread {
  readonly text: string;
  readonly at: number;
  readonly position: number;
  readonly captures: Captures;
  readonly generation: number;
}

/** Adds the position and all that can be reached from it without reading a character. */
function addThread(program: readonly Instruction[], threads: Threads, thread: NewThread): void {
  const { text, at, generation } = thread;
  const pending: { position: number; captures: Captures }[] = [thread];
  for (let entry = pending.pop(); entry; entry = pending.pop()) {
    const { position, captures } = entry;
    if (threads.marks[position] === generation) continue;
    threads.marks[position] = generation;
    const instruction = program[position];
    switch (instruction?.op) {
      case "jump":
        pending.push({ position: instruction.target, captures });
        break;
      case "split":
        pending.push({ position: instruction.second, captures }, { position: instruction.first, captures });
        break;
      case "save":
        pending.push({ position: position + 1, captures: withCapture(captures, instruction.slot, at) });
        break;
      case "assert":
        if (holds(instruction.assertion, text, at)) pending.push({ position: position + 1, captures });
        break;
      case "character":
      case "match":
      case undefined:
        threads.positions.push(position);
        threads.captures.push(captures);
    }
  }
}

function withCapture(captures: Captures, slot: number, at: number): Captures {
  const copy = captures.slice();
  copy[slot] = at;
  return copy;
}

function holds(assertion: Assertion, text: string, at: number): boolean {
  switch (assertion) {
    case "text-start":
      return at === 0;
    case "text-end":
      return at === text.length;
    case "line-start":
      return at === 0 || text[at - 1] === "\n";
    case "line-end":
      return at === text.length || text[at] === "\n";
    case "word-boundary":
      return isWord(text[at - 1]) !== isWord(text[at]);
    case "no-word-boundary":
      return isWord(text[at - 1]) === isWord(text[at]);
    default:
      return assertNever(assertion);
  }
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[0-9A-Za-z_]/.test(character);
}
