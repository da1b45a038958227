/** Seconds since 1970 as image documents write them, for instance `1970-01-01T00:00:00Z`. */
export function toTime(epoch: number): string {
  return new Date(Math.floor(epoch) * 1000).toISOString().replace(".000Z", "Z");
}
