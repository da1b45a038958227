import { FunctionError } from "../error.ts";
import { quote } from "../value/quote.ts";
import { MONTHS, splitLayout, WEEKDAYS } from "./layout.ts";
import type { Time } from "./time.ts";
import { fixedZone, UTC } from "./zone.ts";
import type { Zone } from "./zone.ts";

/** What has been read so far. */
interface Fields {
  year: number;
  month: number;
  day: number;
  yearDay: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: bigint;
  isAfternoon: boolean | undefined;
  offset: number | undefined;
  zoneName: string | undefined;
}

/** Reads one element off the front of the text and returns the rest, or undefined when it does not fit. */
type ElementReader = (text: string, fields: Fields) => string | undefined;

/** Go's `time.ParseInLocation`. @throws {FunctionError} with Go's message. */
export function parseTime(layout: string, text: string, local: Zone): Time {
  const fields: Fields = {
    year: 0,
    month: 1,
    day: 1,
    yearDay: 0,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0n,
    isAfternoon: undefined,
    offset: undefined,
    zoneName: undefined,
  };
  let rest = text;
  for (const { element, text: literal } of splitLayout(layout)) {
    const after = element === undefined ? skipLiteral(rest, literal) : readElement(element, rest, fields);
    if (after === undefined) fail(layout, text, `cannot parse ${quote(rest)} as ${quote(literal)}`);
    rest = after;
  }
  if (rest !== "") fail(layout, text, `extra text: ${quote(rest)}`);
  return toTime(fields, layout, text, local);
}

function fail(layout: string, text: string, problem: string): never {
  const isMessage = problem.startsWith("extra text") || problem.endsWith("out of range");
  const shown = isMessage
    ? `parsing time ${quote(text)}: ${problem}`
    : `parsing time ${quote(text)} as ${quote(layout)}: ${problem}`;
  throw new FunctionError(shown);
}

/** A blank in the layout takes any number of blanks. */
function skipLiteral(text: string, literal: string): string | undefined {
  let rest = text;
  for (const character of literal) {
    if (character === " ") {
      if (rest !== "" && !rest.startsWith(" ")) return undefined;
      rest = rest.replace(/^ +/, "");
    } else if (rest.startsWith(character)) rest = rest.slice(character.length);
    else return undefined;
  }
  return rest;
}

function readElement(element: string, text: string, fields: Fields): string | undefined {
  const reader = READERS[element];
  if (reader) return readWithFraction(element, reader(text, fields), fields);
  if (/^[.,]/.test(element)) return readFraction(element, text, fields);
  return readOffset(element, text, fields);
}

/** A fraction behind the seconds is taken even when the layout does not name it. */
function readWithFraction(element: string, rest: string | undefined, fields: Fields): string | undefined {
  if (rest === undefined || (element !== "05" && element !== "5")) return rest;
  const match = /^[.,]([0-9]+)/.exec(rest);
  if (!match) return rest;
  fields.nanosecond = BigInt((match[1] ?? "").padEnd(9, "0").slice(0, 9));
  return rest.slice(match[0].length);
}

function readFraction(element: string, text: string, fields: Fields): string | undefined {
  if (element[1] === "9") return fields.nanosecond === 0n ? (readWithFraction("05", text, fields) ?? text) : text;
  const match = new RegExp(`^[.,]([0-9]{${element.length - 1}})`).exec(text);
  if (!match) return fields.nanosecond === 0n ? undefined : text;
  fields.nanosecond = BigInt((match[1] ?? "").padEnd(9, "0").slice(0, 9));
  return text.slice(match[0].length);
}

function readOffset(element: string, text: string, fields: Fields): string | undefined {
  if (element.startsWith("Z") && text.startsWith("Z")) {
    fields.offset = 0;
    return text.slice(1);
  }
  const separator = element.includes(":") ? ":" : "";
  const groups = element.replace(/[^0-9]/g, "").length / 2;
  const pattern = ["([-+])([0-9]{2})", "([0-9]{2})", "([0-9]{2})"].slice(0, groups).join(separator);
  const match = new RegExp(`^${pattern}`).exec(text);
  if (!match) return undefined;
  const [all, sign, hours = "0", minutes = "0", seconds = "0"] = match;
  const offset = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  fields.offset = sign === "-" ? -offset : offset;
  return text.slice(all.length);
}

function digits(pattern: string, store: (fields: Fields, value: number) => void): ElementReader {
  const expression = new RegExp(`^(?:${pattern})`);
  return (text, fields) => {
    const match = expression.exec(text);
    if (!match) return undefined;
    store(fields, Number(match[0]));
    return text.slice(match[0].length);
  };
}

function names(
  list: readonly string[],
  length: number | undefined,
  store: (fields: Fields, index: number) => void,
): ElementReader {
  return (text, fields) => {
    const index = list.findIndex((name) => text.toLowerCase().startsWith(name.slice(0, length).toLowerCase()));
    if (index < 0) return undefined;
    store(fields, index);
    return text.slice(list[index]?.slice(0, length).length ?? 0);
  };
}

const month = (fields: Fields, value: number): void => void (fields.month = value);
const day = (fields: Fields, value: number): void => void (fields.day = value);
const hour = (fields: Fields, value: number): void => void (fields.hour = value);
const minute = (fields: Fields, value: number): void => void (fields.minute = value);
const second = (fields: Fields, value: number): void => void (fields.second = value);
const yearDay = (fields: Fields, value: number): void => void (fields.yearDay = value);

const READERS: Readonly<Record<string, ElementReader>> = {
  January: names(MONTHS, undefined, (fields, index) => month(fields, index + 1)),
  Jan: names(MONTHS, 3, (fields, index) => month(fields, index + 1)),
  Monday: names(WEEKDAYS, undefined, () => undefined),
  Mon: names(WEEKDAYS, 3, () => undefined),
  MST: (text, fields) => {
    const match = /^(?:UTC|GMT[-+]?[0-9]*|[A-Z]{3,5}|[-+][0-9]{2})/.exec(text);
    if (!match) return undefined;
    [fields.zoneName] = match;
    return text.slice(match[0].length);
  },
  "01": digits("[0-9]{2}", month),
  "1": digits("[0-9]{1,2}", month),
  "02": digits("[0-9]{2}", day),
  "2": digits("[0-9]{1,2}", day),
  _2: (text, fields) => digits("[0-9]{1,2}", day)(text.replace(/^ /, ""), fields),
  "002": digits("[0-9]{3}", yearDay),
  __2: (text, fields) => digits("[0-9]{1,3}", yearDay)(text.replace(/^ {0,2}/, ""), fields),
  "03": digits("[0-9]{2}", hour),
  "3": digits("[0-9]{1,2}", hour),
  "15": digits("[0-9]{1,2}", hour),
  "04": digits("[0-9]{2}", minute),
  "4": digits("[0-9]{1,2}", minute),
  "05": digits("[0-9]{2}", second),
  "5": digits("[0-9]{1,2}", second),
  "06": digits("[0-9]{2}", (fields, value) => void (fields.year = value >= 69 ? 1900 + value : 2000 + value)),
  "2006": digits("[0-9]{4}", (fields, value) => void (fields.year = value)),
  PM: names(["AM", "PM"], undefined, (fields, index) => void (fields.isAfternoon = index === 1)),
  pm: names(["am", "pm"], undefined, (fields, index) => void (fields.isAfternoon = index === 1)),
};

function toTime(fields: Fields, layout: string, text: string, local: Zone): Time {
  const { year, nanosecond, offset, zoneName } = fields;
  const date = new Date(0);
  if (fields.yearDay > 0) date.setUTCFullYear(year, 0, fields.yearDay);
  else date.setUTCFullYear(year, fields.month - 1, fields.day);
  const problem = findRangeProblem(fields, date);
  if (problem !== undefined) fail(layout, text, `${problem} out of range`);
  const hours = fields.isAfternoon === undefined ? fields.hour : (fields.hour % 12) + (fields.isAfternoon ? 12 : 0);
  const wall = date.getTime() / 1000 + hours * 3600 + fields.minute * 60 + fields.second;
  const zone = offset === undefined ? zoneOf(zoneName, local) : offset === 0 ? UTC : fixedZone(offset, zoneName);
  const seconds = wall - zone.offsetAt(wall - zone.offsetAt(wall));
  return { nanoseconds: BigInt(seconds) * 1_000_000_000n + nanosecond, zone };
}

function zoneOf(name: string | undefined, local: Zone): Zone {
  if (name === undefined) return local;
  return name === "UTC" ? UTC : fixedZone(0, name);
}

function findRangeProblem(fields: Fields, date: Date): string | undefined {
  if (fields.month < 1 || fields.month > 12) return "month";
  if (fields.yearDay === 0 && (date.getUTCDate() !== fields.day || fields.day < 1)) return "day";
  if (fields.hour > 23 || (fields.isAfternoon !== undefined && fields.hour > 12)) return "hour";
  if (fields.minute > 59) return "minute";
  return fields.second > 59 ? "second" : undefined;
}
