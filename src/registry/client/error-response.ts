import { collect, type Bytes } from "../../base/bytes.ts";
import { printable } from "../../base/text.ts";
import { RegistryError } from "./errors.ts";

/** No error document is longer; of a longer one nothing is shown. */
const LIMIT_BYTES = 64 * 1024;
const SHOWN_CHARACTERS = 200;
const LONGEST_WAIT_MS = 120_000;

const TRANSIENT_STATUS: readonly number[] = [408, 425, 429, 500, 502, 503, 504];

export interface ErrorResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Bytes;
}

/**
 * What a registry's refusal of `purpose` means.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
 */
export async function readErrorResponse(
  purpose: string,
  registry: string,
  { status, headers, body }: ErrorResponse,
): Promise<RegistryError> {
  const { code, message } = await readFirstError(body);
  const named = code ?? STATUS_CODES[status];
  const shown = [String(status), ...(named === undefined ? [] : [named])].join(" ");
  return new RegistryError(
    named === undefined ? "REGISTRY_STATUS" : `REGISTRY_${named}`,
    `Cannot ${purpose}: "${registry}" answered ${shown}${message === "" ? "" : `: ${message}`}`,
    {
      status,
      isTransient: TRANSIENT_STATUS.includes(status),
      retryAfterMs: parseRetryAfter(headers["retry-after"], Date.now()),
      hint: hintOf(named, registry),
    },
  );
}

/** What a status means when the body says nothing. */
const STATUS_CODES: Readonly<Record<number, string>> = {
  401: "UNAUTHORIZED",
  403: "DENIED",
  429: "TOOMANYREQUESTS",
};

function hintOf(code: string | undefined, registry: string): string | undefined {
  switch (code) {
    case "UNAUTHORIZED":
    case "DENIED":
      return `Check the image's name, then log in with \`sealos login ${registry}\` as a user who may do this`;
    case "TOOMANYREQUESTS":
      return `Wait some minutes, or log in with \`sealos login ${registry}\` for a higher limit`;
    case undefined:
      return `Check that ${registry} is a registry, and that no proxy answers in its place`;
    default:
      return undefined;
  }
}

async function readFirstError(body: Bytes): Promise<{ code: string | undefined; message: string }> {
  try {
    const document: unknown = JSON.parse((await collect(body, LIMIT_BYTES)).toString("utf8"));
    return firstErrorOf(document);
  } catch {
    return { code: undefined, message: "" }; // HTML, or cut off: the status has to do
  }
}

function firstErrorOf(document: unknown): { code: string | undefined; message: string } {
  const { errors, details } = toRecord(document);
  const { code, message } = toRecord(Array.isArray(errors) ? errors[0] : undefined);
  return {
    code: typeof code === "string" && /^[A-Z][A-Z_]{0,39}$/.test(code) ? code : undefined,
    message: shorten(typeof message === "string" ? message : details),
  };
}

function shorten(text: unknown): string {
  if (typeof text !== "string") return "";
  return printable(text.replaceAll(/\s+/g, " ").trim()).slice(0, SHOWN_CHARACTERS);
}

function toRecord(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/**
 * Milliseconds to wait, from seconds or a date, at most two minutes; undefined when it says neither.
 * https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(value: string | string[] | undefined, nowMs: number): number | undefined {
  if (typeof value !== "string") return undefined;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), LONGEST_WAIT_MS);
}
