const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Each unit up to where it reads well, as `docker images` rounds. */
const UNITS: readonly (readonly [limitMs: number, unitMs: number, name: string])[] = [
  [MINUTE, SECOND, "second"],
  [HOUR, MINUTE, "minute"],
  [2 * DAY, HOUR, "hour"],
  [14 * DAY, DAY, "day"],
  [60 * DAY, 7 * DAY, "week"],
  [730 * DAY, 30 * DAY, "month"],
];

/** `2 hours ago`; for a column of a table. A reproducible build has no time of its own: 1970 is not an age. */
export function renderAge(then: Date, now: Date): string {
  if (then.getTime() === 0) return "unknown";
  const elapsedMs = Math.max(0, now.getTime() - then.getTime());
  const [, unitMs, name] = UNITS.find(([limitMs]) => elapsedMs < limitMs) ?? [0, 365 * DAY, "year"];
  const count = Math.floor(elapsedMs / unitMs);
  return `${count} ${name}${count === 1 ? "" : "s"} ago`;
}

/** As Go writes times into JSON: `2026-12-01T06:54:09.018Z`, without a fraction of zero. */
export function toRfc3339(time: Date): string {
  return time.toISOString().replace(/\.?0*Z$/, "Z");
}

/** As Go's templates print times: `2026-12-01 06:54:09.018 +0000 UTC`. */
export function toGoTime(time: Date): string {
  return toRfc3339(time).replace("T", " ").replace("Z", " +0000 UTC");
}
