import type { HealthcheckInstruction } from "../kubefile/instruction.ts";
import type { Healthcheck } from "../oci/image-config.ts";
import { ValueError } from "./value-error.ts";

const FIELDS = {
  interval: "Interval",
  timeout: "Timeout",
  "start-period": "StartPeriod",
  "start-interval": "StartInterval",
} as const;

const UNIT_NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** @throws {ValueError} */
export function parseHealthcheck({ command, flags }: HealthcheckInstruction): Healthcheck {
  if (!command) return { Test: ["NONE"] };
  const Test = command.form === "exec" ? ["CMD", ...command.arguments] : ["CMD-SHELL", command.text];
  const values = new Map(flags.map(({ name, value }) => [name, value?.text ?? ""]));
  const times = Object.entries(FIELDS).flatMap(([flag, field]) => {
    const text = values.get(flag);
    return text === undefined ? [] : [[field, parseDuration(text)] as const];
  });
  const retries = values.get("retries");
  return { Test, ...Object.fromEntries(times), ...(retries === undefined ? {} : { Retries: parseCount(retries) }) };
}

/** Go's notation, for instance `1m30s`, in nanoseconds. */
function parseDuration(text: string): number {
  const parts = [...text.matchAll(/([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h)/gu)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new ValueError(`expected a duration such as 30s or 1m30s, found "${text}"`);
  }
  return Math.round(
    parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_NANOSECONDS[unit ?? ""] ?? 0), 0),
  );
}

function parseCount(text: string): number {
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text);
  throw new ValueError(`expected a number of retries from 1, found "${text}"`);
}
