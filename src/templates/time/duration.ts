/** Durations as Go has them: whole nanoseconds. */
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
export const SECOND = 1_000_000_000n;
const MAX = 2n ** 63n;

/** Go's `time.ParseDuration`: "1h30m", "-1.5h"; undefined when it is none. */
export function parseDuration(text: string): bigint | undefined {
  const match = /^([-+]?)(0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text);
  if (!match) return undefined;
  let total = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of text.matchAll(
    /([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    const scale = UNITS[unit] ?? 1n;
    total += BigInt(whole === "" ? "0" : whole) * scale;
    if (fraction !== "") total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  const isNegative = match[1] === "-";
  if (total > MAX || (total === MAX && !isNegative)) return undefined;
  return isNegative ? -total : total;
}

/** Go's `time.Duration.String`: "1h30m0s", "1.5s", "250ms". */
export function renderDuration(duration: bigint): string {
  const sign = duration < 0n ? "-" : "";
  const magnitude = duration < 0n ? -duration : duration;
  if (magnitude === 0n) return "0s";
  if (magnitude < SECOND) return sign + renderSmall(magnitude);
  const seconds = `${withFraction(magnitude % (60n * SECOND), SECOND)}s`;
  const minutes = magnitude / (60n * SECOND);
  if (minutes === 0n) return sign + seconds;
  return sign + (minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`);
}

function renderSmall(magnitude: bigint): string {
  if (magnitude < 1000n) return `${magnitude}ns`;
  return magnitude < 1_000_000n ? `${withFraction(magnitude, 1000n)}µs` : `${withFraction(magnitude, 1_000_000n)}ms`;
}

function withFraction(value: bigint, unit: bigint): string {
  const rest = value % unit;
  if (rest === 0n) return String(value / unit);
  const digits = String(rest).padStart(String(unit).length - 1, "0");
  return `${value / unit}.${digits.replace(/0+$/, "")}`;
}

/** The largest unit only, as `durationRound` gives it. */
export function roundDuration(duration: bigint): string {
  const magnitude = duration < 0n ? -duration : duration;
  const hour = UNITS["h"] ?? 1n;
  const units: readonly (readonly [string, bigint])[] = [
    ["y", hour * 24n * 365n],
    ["mo", hour * 24n * 30n],
    ["d", hour * 24n],
    ["h", hour],
    ["m", 60n * SECOND],
    ["s", SECOND],
  ];
  const unit = units.find(([, size]) => magnitude > size);
  return unit ? `${magnitude / unit[1]}${unit[0]}` : "0s";
}
