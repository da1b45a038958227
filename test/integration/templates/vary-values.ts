import { randomNumbers } from "../../support/random-numbers.ts";

/** How often a value that can be varied is: few changes leave most charts whole, many reach their corners. */
const SHARES = [0.05, 0.3] as const;

/**
 * Values that turn on other parts of a chart than its defaults, made from these at random: switches are thrown, and empty
 * texts, maps and lists get something. The same seed makes the same values.
 */
export function varyValues(defaults: unknown, seed: number): unknown {
  const random = randomNumbers(seed);
  const share = SHARES[seed % 2 === 0 ? 1 : 0];
  return vary(defaults);

  function vary(value: unknown): unknown {
    if (typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, vary(item)]));
    }
    const isVaried = random() < share;
    return isVaried ? varied(value) : value;
  }
}

function varied(value: unknown): unknown {
  if (typeof value === "boolean") return !value;
  if (value === "") return "filled";
  if (Array.isArray(value)) return value.length === 0 ? ["entry"] : value;
  if (typeof value === "object" && value !== null) return { "example.com/key": "value" };
  return value;
}
