import { FunctionError } from "../error.ts";
import { TimeObject } from "../sprig/time-object.ts";
import { parseTime } from "../time/parse.ts";
import { UTC } from "../time/zone.ts";
import type { Value } from "../value/value.ts";

const LAYOUTS = [
  "2006-01-02T15:04:05.999999999Z07:00",
  "2006-01-02T15:04:05.999999999",
  "2006-01-02",
  "15:04:05.999999999",
];

/** A TOML date or time; one without a zone is taken as UTC. Undefined when the text is none. */
export function findTomlTime(text: string): Value {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}|^[0-9]{2}:/.test(text)) return undefined;
  const normal = text.replace(/^(\S{10})[ t]/, "$1T").replace(/z$/, "Z");
  for (const layout of LAYOUTS) {
    try {
      return new TimeObject(parseTime(layout, normal, UTC));
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
    }
  }
  return undefined;
}
