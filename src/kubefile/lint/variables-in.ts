import { assertNever } from "../../base/error.ts";
import type { Escape } from "../logical-line.ts";
import { parseWord, WordError, type Modifier, type Parts } from "../word-parts.ts";

/** A variable that a word uses. */
export interface UsedVariable {
  readonly name: string;
  /** Of its dollar, in the word. */
  readonly offset: number;
  /** `${name:-x}` and the like say what to do when there is none. */
  readonly hasFallback: boolean;
}

/** The variables of a word, also those inside others; none for a word that is malformed. */
export function variablesIn(word: string, escape: Escape): readonly UsedVariable[] {
  try {
    return usedBy(parseWord(word, escape));
  } catch (error) {
    if (error instanceof WordError) return [];
    throw error;
  }
}

function usedBy(parts: Parts): readonly UsedVariable[] {
  return parts.flatMap((part) => {
    if (part.kind === "text") return [];
    const { name, start, modifier } = part;
    const hasFallback =
      modifier?.kind === "default" || modifier?.kind === "alternative" || modifier?.kind === "required";
    return [{ name, offset: start, hasFallback }, ...(modifier ? usedBy(partsOf(modifier)) : [])];
  });
}

function partsOf(modifier: Modifier): Parts {
  switch (modifier.kind) {
    case "default":
    case "alternative":
    case "required":
      return modifier.word;
    case "prefix":
    case "suffix":
      return modifier.pattern;
    case "replace":
      return [...modifier.pattern, ...modifier.replacement];
    default:
      return assertNever(modifier);
  }
}
