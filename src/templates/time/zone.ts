/** Where clocks show what: an offset from UTC and the name of it. */
export interface Zone {
  /** Seconds east of UTC at that instant. */
  readonly offsetAt: (epochSeconds: number) => number;
  readonly nameAt: (epochSeconds: number) => string;
}

export const UTC: Zone = { offsetAt: () => 0, nameAt: () => "UTC" };

export function fixedZone(offset: number, name = ""): Zone {
  return { offsetAt: () => offset, nameAt: () => name };
}

/** A zone of the IANA database by its name; undefined when there is none of that name. */
export function findZone(name: string): Zone | undefined {
  if (name === "" || name === "UTC") return UTC;
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return undefined;
  try {
    const format = new Intl.DateTimeFormat("en-US", { timeZone: name, ...FIELDS });
    return {
      offsetAt: (seconds) => offsetOf(format, seconds),
      nameAt: (seconds) => abbreviation(name, format, seconds),
    };
  } catch {
    return undefined;
  }
}

const FIELDS: Intl.DateTimeFormatOptions = {
  hourCycle: "h23",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
};
const LOCALES = ["en-US", "en-GB", "en-AU", "en-NZ", "en-IN", "en-ZA", "ja-JP"];

function offsetOf(format: Intl.DateTimeFormat, epochSeconds: number): number {
  const parts = new Map(format.formatToParts(epochSeconds * 1000).map(({ type, value }) => [type, Number(value)]));
  const [year = 0, month = 1, day = 1] = [parts.get("year"), parts.get("month"), parts.get("day")];
  const [hour = 0, minute = 0, second = 0] = [parts.get("hour"), parts.get("minute"), parts.get("second")];
  return Math.round(Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - Math.floor(epochSeconds));
}

/** Only some locales know the letters of a zone; without any, the name is the offset, as in Go. */
function abbreviation(timeZone: string, format: Intl.DateTimeFormat, epochSeconds: number): string {
  for (const locale of LOCALES) {
    const parts = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: "short" }).formatToParts(
      epochSeconds * 1000,
    );
    const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
    if (/^[A-Z]{3,5}$/.test(name)) return name;
  }
  return renderOffset(offsetOf(format, epochSeconds), "").replace(/00$/, "");
}

/** `+0200` or with a separator `+02:00`. */
export function renderOffset(offset: number, separator: string): string {
  const minutes = Math.trunc(Math.abs(offset) / 60);
  const hours = String(Math.trunc(minutes / 60)).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${hours}${separator}${String(minutes % 60).padStart(2, "0")}`;
}
