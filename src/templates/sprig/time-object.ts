import { fixed } from "../function.ts";
import { GoObject, Integer } from "../value/value.ts";
import type { GoCallable, Value } from "../value/value.ts";
import { renderDuration } from "../time/duration.ts";
import { MONTHS, WEEKDAYS } from "../time/layout.ts";
import { clockOf, epochSeconds, formatTime } from "../time/time.ts";
import type { Time } from "../time/time.ts";
import { UTC } from "../time/zone.ts";

const RFC_3339 = "2006-01-02T15:04:05.999999999Z07:00";
const MILLISECOND = 1_000_000n;

/** `time.Time` with the methods that templates call. */
export class TimeObject extends GoObject {
  readonly type = "time.Time";
  readonly kind = "struct";
  readonly time: Time;

  constructor(time: Time) {
    super();
    this.time = time;
  }

  override method(name: string): GoCallable | undefined {
    return METHODS.get(name)?.(this.time);
  }

  print(): string {
    return formatTime(this.time, "2006-01-02 15:04:05.999999999 -0700 MST");
  }

  override toPlain(): Value {
    return formatTime(this.time, RFC_3339);
  }
}

/** A number with a name, such as `time.March`. */
class NamedNumber extends GoObject {
  readonly kind = "struct";
  readonly type: string;
  readonly #name: string;
  readonly #value: number;

  constructor(type: string, name: string, value: number) {
    super();
    this.type = type;
    this.#name = name;
    this.#value = value;
  }

  print(): string {
    return this.#name;
  }

  override toPlain(): Value {
    return BigInt(this.#value);
  }
}

/** `time.Duration`. */
class DurationObject extends GoObject {
  readonly type = "time.Duration";
  readonly kind = "struct";
  readonly #nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    super();
    this.#nanoseconds = nanoseconds;
  }

  print(): string {
    return renderDuration(this.#nanoseconds);
  }

  override method(name: string): GoCallable | undefined {
    const units: Readonly<Record<string, number>> = { Seconds: 1e9, Minutes: 6e10, Hours: 3.6e12 };
    const unit = Object.hasOwn(units, name) ? units[name] : undefined;
    return unit === undefined ? undefined : fixed([], () => Number(this.#nanoseconds) / unit);
  }

  override toPlain(): Value {
    return this.#nanoseconds;
  }
}

type MethodOf = (time: Time) => GoCallable;

const int64 = (value: bigint): Integer => new Integer("int64", value);
const getter =
  (get: (time: Time) => Value): MethodOf =>
  (time) =>
    fixed([], () => get(time));
const comparing =
  (compare: (difference: bigint) => Value): MethodOf =>
  (time) =>
    fixed(["time"], (other) => compare(time.nanoseconds - (other instanceof TimeObject ? other.time.nanoseconds : 0n)));

const METHODS: ReadonlyMap<string, MethodOf> = new Map<string, MethodOf>([
  ["Format", (time) => fixed(["string"], (layout) => formatTime(time, layout))],
  ["String", getter((time) => new TimeObject(time).print())],
  ["Unix", getter((time) => int64(epochSeconds(time)))],
  ["UnixMilli", getter((time) => int64(time.nanoseconds / MILLISECOND))],
  ["UnixMicro", getter((time) => int64(time.nanoseconds / 1000n))],
  ["UnixNano", getter((time) => int64(time.nanoseconds))],
  ["Year", getter((time) => BigInt(clockOf(time).year))],
  ["YearDay", getter((time) => BigInt(clockOf(time).yearDay))],
  ["Day", getter((time) => BigInt(clockOf(time).day))],
  ["Hour", getter((time) => BigInt(clockOf(time).hour))],
  ["Minute", getter((time) => BigInt(clockOf(time).minute))],
  ["Second", getter((time) => BigInt(clockOf(time).second))],
  ["Nanosecond", getter((time) => BigInt(clockOf(time).nanosecond))],
  ["Month", getter((time) => named("time.Month", MONTHS, clockOf(time).month - 1, 1))],
  ["Weekday", getter((time) => named("time.Weekday", WEEKDAYS, clockOf(time).weekday, 0))],
  ["UTC", getter(({ nanoseconds }) => new TimeObject({ nanoseconds, zone: UTC }))],
  ["IsZero", getter(({ nanoseconds }) => nanoseconds === ZERO_TIME.nanoseconds)],
  ["Sub", comparing((difference) => new DurationObject(difference))],
  ["Before", comparing((difference) => difference < 0n)],
  ["After", comparing((difference) => difference > 0n)],
  ["Equal", comparing((difference) => difference === 0n)],
  [
    "AddDate",
    (time) =>
      fixed(["int", "int", "int"], (years, months, days) => new TimeObject(addDate(time, [years, months, days]))),
  ],
]);

function named(type: string, names: readonly string[], index: number, first: number): NamedNumber {
  return new NamedNumber(type, names[index] ?? "", index + first);
}

function addDate(time: Time, [years, months, days]: readonly [number, number, number]): Time {
  const clock = clockOf(time);
  const date = new Date(0);
  date.setUTCFullYear(clock.year + years, clock.month - 1 + months, clock.day + days);
  const wall = date.getTime() / 1000 + clock.hour * 3600 + clock.minute * 60 + clock.second;
  const seconds = wall - time.zone.offsetAt(wall - clock.offset);
  return { nanoseconds: BigInt(seconds) * 1_000_000_000n + BigInt(clock.nanosecond), zone: time.zone };
}

/** Go's zero time, the first of January of the year 1. */
export const ZERO_TIME: Time = { nanoseconds: -62_135_596_800_000_000_000n, zone: UTC };
