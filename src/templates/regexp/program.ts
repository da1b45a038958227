import { FunctionError } from "../error.ts";
import type { Assertion, CharacterTest, RegexpNode } from "./node.ts";

/** Instructions of the matcher; numbers are indexes of instructions. */
export type Instruction =
  | { readonly op: "character"; readonly test: CharacterTest }
  | { readonly op: "split"; first: number; second: number }
  | { readonly op: "jump"; target: number }
  | { readonly op: "save"; readonly slot: number }
  | { readonly op: "assert"; readonly assertion: Assertion }
  | { readonly op: "match" };

const MAX_INSTRUCTIONS = 100_000;

export function compileProgram(root: RegexpNode): readonly Instruction[] {
  const program = new ProgramBuilder();
  program.add({ op: "save", slot: 0 });
  program.node(root);
  program.add({ op: "save", slot: 1 });
  program.add({ op: "match" });
  return program.instructions;
}

class ProgramBuilder {
  readonly instructions: Instruction[] = [];

  add<I extends Instruction>(instruction: I): I {
    if (this.instructions.length >= MAX_INSTRUCTIONS)
      throw new FunctionError("error parsing regexp: expression too large");
    this.instructions.push(instruction);
    return instruction;
  }

  node(node: RegexpNode): void {
    switch (node.kind) {
      case "empty":
        return;
      case "character":
        this.add({ op: "character", test: node.test });
        return;
      case "assertion":
        this.add({ op: "assert", assertion: node.assertion });
        return;
      case "group":
        this.add({ op: "save", slot: 2 * node.index });
        this.node(node.body);
        this.add({ op: "save", slot: 2 * node.index + 1 });
        return;
      case "sequence":
        for (const part of node.parts) this.node(part);
        return;
      case "alternatives":
        this.#alternatives(node.parts);
        return;
      case "repeat":
        this.#repeat(node);
    }
  }

  #alternatives(parts: readonly RegexpNode[]): void {
    const ends: { target: number }[] = [];
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1;
      const split = isLast ? undefined : this.add({ op: "split", first: this.instructions.length + 1, second: 0 });
      this.node(part);
      if (!split) continue;
      ends.push(this.add({ op: "jump", target: 0 }));
      split.second = this.instructions.length;
    }
    for (const end of ends) end.target = this.instructions.length;
  }

  #repeat({ body, min, max, isLazy }: Extract<RegexpNode, { kind: "repeat" }>): void {
    for (let count = 0; count < min; count++) this.node(body);
    if (max === Infinity) {
      const start = this.instructions.length;
      const split = this.#split(isLazy);
      this.node(body);
      this.add({ op: "jump", target: start });
      split.leave(this.instructions.length);
      return;
    }
    const splits = Array.from({ length: max - min }, () => {
      const split = this.#split(isLazy);
      this.node(body);
      return split;
    });
    for (const split of splits) split.leave(this.instructions.length);
  }

  /** A choice between going on and leaving; the first branch is the preferred one. */
  #split(isLazy: boolean): { readonly leave: (target: number) => void } {
    const inside = this.instructions.length + 1;
    const split = this.add({ op: "split", first: inside, second: inside });
    return {
      leave: (target) => {
        if (isLazy) split.first = target;
        else split.second = target;
      },
    };
  }
}
