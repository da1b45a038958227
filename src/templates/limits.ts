/** What one rendering may use at most: templates come with images and charts and are not trusted. */
export interface Limits {
  /** Characters of the result, and of any string on the way to it. */
  readonly outputLength: number;
  /** Nodes that are visited and functions that are called. */
  readonly steps: number;
  /** Templates inside templates. */
  readonly depth: number;
}

export const DEFAULT_LIMITS: Limits = { outputLength: 64 * 1024 * 1024, steps: 20_000_000, depth: 1000 };

/** Longest list that a function makes out of a number. */
export const MAX_LIST_LENGTH = 1_000_000;
