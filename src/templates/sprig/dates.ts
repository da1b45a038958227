import { FunctionError } from "../error.ts";
import { fixed, functionTable } from "../function.ts";
import type { FunctionTable } from "../function.ts";
import { orElse } from "../json/functions.ts";
import type { Sources } from "../sources.ts";
import { parseDuration, renderDuration, roundDuration, SECOND } from "../time/duration.ts";
import { parseTime } from "../time/parse.ts";
import { epochSeconds, formatTime } from "../time/time.ts";
import type { Time } from "../time/time.ts";
import { findZone, UTC } from "../time/zone.ts";
import type { Zone } from "../time/zone.ts";
import { findInteger } from "../value/kind.ts";
import { parseInt64 } from "../value/parse-number.ts";
import { Integer } from "../value/value.ts";
import type { GoCallable, Value } from "../value/value.ts";
import { TimeObject, ZERO_TIME } from "./time-object.ts";

const HTML_DATE = "2006-01-02";

export function dateFunctions({ now, timeZone }: Sources): FunctionTable {
  const local = findZone(timeZone) ?? UTC;
  const current = (): Time => ({ nanoseconds: BigInt(Math.floor(now())) * 1_000_000n, zone: local });
  const zoneNamed = (name: string): Zone => (name === "Local" ? local : (findZone(name) ?? UTC));
  const format = (layout: string, date: Value, zone: string): string =>
    formatTime({ ...(findTime(date, local) ?? current()), zone: zoneNamed(zone) }, layout);
  return functionTable({
    now: fixed([], () => new TimeObject(current())),
    date: fixed(["string", "any"], (layout, date) => format(layout, date, "Local")),
    ...bothNames("dateInZone", "date_in_zone", fixed(["string", "any", "string"], format)),
    htmlDate: fixed(["any"], (date) => format(HTML_DATE, date, "Local")),
    htmlDateInZone: fixed(["any", "string"], (date, zone) => format(HTML_DATE, date, zone)),
    ...bothNames(
      "dateModify",
      "date_modify",
      fixed(["string", "time"], (text, date) => modify(text, date, false)),
    ),
    ...bothNames(
      "mustDateModify",
      "must_date_modify",
      fixed(["string", "time"], (text, date) => modify(text, date, true)),
    ),
    toDate: fixed(["string", "string"], (layout, text) =>
      orElse(() => new TimeObject(parseTime(layout, text, local)), new TimeObject(ZERO_TIME)),
    ),
    mustToDate: fixed(["string", "string"], (layout, text) => new TimeObject(parseTime(layout, text, local))),
    unixEpoch: fixed(["time"], (date) => String(epochSeconds(timeOf(date)))),
    ago: fixed(["any"], (date) => {
      const time = findTime(date, local) ?? current();
      return renderDuration(roundToSeconds(current().nanoseconds - time.nanoseconds));
    }),
    duration: fixed(["any"], (seconds) => renderDuration(secondsOf(seconds) * SECOND)),
    durationRound: fixed(["any"], (value) => roundDuration(durationOf(value, current()))),
  });
}

function bothNames(name: string, oldName: string, callable: GoCallable): Readonly<Record<string, GoCallable>> {
  return { [name]: callable, [oldName]: callable };
}

/** A time or the seconds since 1970; undefined for everything else, which means now. */
function findTime(value: Value, zone: Zone): Time | undefined {
  if (value instanceof TimeObject) return value.time;
  const isSeconds = typeof value === "bigint" || (value instanceof Integer && /^int(?:32|64)$/.test(value.type));
  return isSeconds ? { nanoseconds: (findInteger(value) ?? 0n) * SECOND, zone } : undefined;
}

function timeOf(value: Value): Time {
  return value instanceof TimeObject ? value.time : ZERO_TIME;
}

function modify(text: string, date: Value, isStrict: boolean): Value {
  const duration = parseDuration(text);
  const { nanoseconds, zone } = timeOf(date);
  if (duration !== undefined) return new TimeObject({ nanoseconds: nanoseconds + duration, zone });
  if (isStrict) throw new FunctionError(`time: invalid duration "${text}"`);
  return date;
}

function roundToSeconds(duration: bigint): bigint {
  const half = SECOND / 2n;
  return ((duration < 0n ? duration - half : duration + half) / SECOND) * SECOND;
}

function secondsOf(value: Value): bigint {
  if (value instanceof Integer && value.type === "int64") return value.value;
  if (typeof value !== "string") return 0n;
  const parsed = parseInt64(value, 10);
  return typeof parsed === "bigint" ? parsed : 0n;
}

function durationOf(value: Value, current: Time): bigint {
  if (typeof value === "string") return parseDuration(value) ?? 0n;
  if (value instanceof TimeObject) return current.nanoseconds - value.time.nanoseconds;
  return value instanceof Integer && value.type === "int64" ? value.value : 0n;
}
