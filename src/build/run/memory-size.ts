const FACTORS: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Reads a size of memory as container tools do: `64m`, `64MB` and `64MiB` are the same. */
export function findMemorySize(text: string): number | undefined {
  const [, digits, unit = ""] = /^([0-9]+(?:\.[0-9]+)?) ?([kmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  const size = Math.floor(Number(digits) * (FACTORS[unit.toLowerCase()] ?? Number.NaN));
  return Number.isSafeInteger(size) && size > 0 ? size : undefined;
}
