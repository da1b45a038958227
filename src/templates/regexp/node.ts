/** Tests one code point. */
export type CharacterTest = (code: number) => boolean;

export type Assertion = "line-start" | "line-end" | "text-start" | "text-end" | "word-boundary" | "no-word-boundary";

/** A regular expression of RE2. */
export type RegexpNode =
  | { readonly kind: "empty" }
  | { readonly kind: "character"; readonly test: CharacterTest }
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  | { readonly kind: "group"; readonly index: number; readonly body: RegexpNode }
  | { readonly kind: "sequence"; readonly parts: readonly RegexpNode[] }
  | { readonly kind: "alternatives"; readonly parts: readonly RegexpNode[] }
  | {
      readonly kind: "repeat";
      readonly body: RegexpNode;
      readonly min: number;
      /** Infinity for no limit. */
      readonly max: number;
      readonly isLazy: boolean;
    };

export interface ParsedRegexp {
  readonly root: RegexpNode;
  /** Names of the groups, by index; the empty string for a group without one. */
  readonly groupNames: readonly string[];
}
