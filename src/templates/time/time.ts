import { MONTHS, splitLayout, WEEKDAYS } from "./layout.ts";
import { renderOffset } from "./zone.ts";
import type { Zone } from "./zone.ts";

/** An instant, shown in a zone. */
export interface Time {
  /** Nanoseconds since 1970. */
  readonly nanoseconds: bigint;
  readonly zone: Zone;
}

const SECOND = 1_000_000_000n;

/** The fields that a clock in the time's zone shows. */
export interface Clock {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** From Sunday, 0. */
  readonly weekday: number;
  /** From 1. */
  readonly yearDay: number;
  /** Seconds east of UTC. */
  readonly offset: number;
  readonly zoneName: string;
}

export function epochSeconds({ nanoseconds }: Time): bigint {
  return nanoseconds >= 0n ? nanoseconds / SECOND : -((-nanoseconds + SECOND - 1n) / SECOND);
}

export function clockOf(time: Time): Clock {
  const seconds = Number(epochSeconds(time));
  const offset = time.zone.offsetAt(seconds);
  const date = new Date((seconds + offset) * 1000);
  const year = date.getUTCFullYear();
  const startOfYear = new Date(0);
  startOfYear.setUTCFullYear(year, 0, 1);
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(time.nanoseconds - epochSeconds(time) * SECOND),
    weekday: date.getUTCDay(),
    yearDay: Math.floor((date.getTime() - startOfYear.getTime()) / 86_400_000) + 1,
    offset,
    zoneName: time.zone.nameAt(seconds),
  };
}

/** Go's `Time.Format`. */
export function formatTime(time: Time, layout: string): string {
  const clock = clockOf(time);
  return splitLayout(layout)
    .map(({ element, text }) => (element === undefined ? text : formatElement(element, clock)))
    .join("");
}

const two = (value: number): string => String(value).padStart(2, "0");

function formatElement(element: string, clock: Clock): string {
  const simple = SIMPLE_ELEMENTS[element];
  if (simple) return simple(clock);
  if (element.startsWith(".") || element.startsWith(",")) return formatFraction(element, clock.nanosecond);
  return formatZone(element, clock.offset);
}

const SIMPLE_ELEMENTS: Readonly<Record<string, (clock: Clock) => string>> = {
  January: ({ month }) => MONTHS[month - 1] ?? "",
  Jan: ({ month }) => MONTHS[month - 1]?.slice(0, 3) ?? "",
  Monday: ({ weekday }) => WEEKDAYS[weekday] ?? "",
  Mon: ({ weekday }) => WEEKDAYS[weekday]?.slice(0, 3) ?? "",
  MST: ({ zoneName, offset }) => (zoneName === "" ? renderOffset(offset, "").replace(/00$/, "") : zoneName),
  "01": ({ month }) => two(month),
  "02": ({ day }) => two(day),
  "03": ({ hour }) => two(hour % 12 || 12),
  "04": ({ minute }) => two(minute),
  "05": ({ second }) => two(second),
  "06": ({ year }) => two(year % 100),
  "002": ({ yearDay }) => String(yearDay).padStart(3, "0"),
  __2: ({ yearDay }) => String(yearDay).padStart(3, " "),
  _2: ({ day }) => String(day).padStart(2, " "),
  "15": ({ hour }) => two(hour),
  "2006": ({ year }) => String(year).padStart(4, "0"),
  "1": ({ month }) => String(month),
  "2": ({ day }) => String(day),
  "3": ({ hour }) => String(hour % 12 || 12),
  "4": ({ minute }) => String(minute),
  "5": ({ second }) => String(second),
  PM: ({ hour }) => (hour >= 12 ? "PM" : "AM"),
  pm: ({ hour }) => (hour >= 12 ? "pm" : "am"),
};

/** `.000` keeps the zeros, `.999` drops them and the point if nothing is left. */
function formatFraction(element: string, nanosecond: number): string {
  const digits = String(nanosecond)
    .padStart(9, "0")
    .padEnd(element.length - 1, "0")
    .slice(0, element.length - 1);
  if (element[1] === "0") return element.slice(0, 1) + digits;
  const kept = digits.replace(/0+$/, "");
  return kept === "" ? "" : element.slice(0, 1) + kept;
}

function formatZone(element: string, offset: number): string {
  if (element.startsWith("Z") && offset === 0) return "Z";
  const separator = element.includes(":") ? ":" : "";
  const text = renderOffset(offset, separator);
  if (element.length === 3) return text.slice(0, 3);
  const hasSeconds = element.length >= 7 && element !== "-07:00" && element !== "Z07:00";
  return hasSeconds ? `${text}${separator}${two(Math.abs(offset) % 60)}` : text;
}
