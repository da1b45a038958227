import { expect, test } from "vitest";

import { bytesOf } from "../../../src/base/bytes.ts";
import { parseRetryAfter, readErrorResponse } from "../../../src/registry/client/error-response.ts";

const now = Date.parse("2026-01-02T03:04:05Z");

test.each([
  ["seconds", "7", 7000],
  ["a date", "Fri, 02 Jan 2026 03:04:15 GMT", 10_000],
  ["a date that has passed", "Fri, 02 Jan 2026 03:04:00 GMT", 0],
  ["more than two minutes", "86400", 120_000],
  ["nonsense", "soon", undefined],
  ["nothing", undefined, undefined],
])("parseRetryAfter() reads %s", (_, header, expected) => {
  expect(parseRetryAfter(header, now)).toBe(expected);
});

test.each([
  [
    "the registry's own code and message",
    404,
    '{"errors":[{"code":"NAME_UNKNOWN","message":"no such\\n repository"}]}',
    "REGISTRY_NAME_UNKNOWN",
    'Cannot pull "r/x:1": "r" answered 404 NAME_UNKNOWN: no such repository',
  ],
  [
    "a code for 401 without a body",
    401,
    "",
    "REGISTRY_UNAUTHORIZED",
    'Cannot pull "r/x:1": "r" answered 401 UNAUTHORIZED',
  ],
  ["a code for 403 with HTML", 403, "<html>", "REGISTRY_DENIED", 'Cannot pull "r/x:1": "r" answered 403 DENIED'],
  ["REGISTRY_STATUS for HTML", 502, "<html>", "REGISTRY_STATUS", 'Cannot pull "r/x:1": "r" answered 502'],
  [
    "REGISTRY_STATUS for a code that is none",
    400,
    '{"errors":[{"code":"no code","message":"really"}]}',
    "REGISTRY_STATUS",
    'Cannot pull "r/x:1": "r" answered 400: really',
  ],
  [
    "the details of a token server",
    401,
    '{"details":"wrong password"}',
    "REGISTRY_UNAUTHORIZED",
    /UNAUTHORIZED: wrong password$/,
  ],
])("readErrorResponse() has %s", async (_, status, body, code, message) => {
  const error = await readErrorResponse('pull "r/x:1"', "r", { status, headers: {}, body: bytesOf(body) });
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
});

test.each([
  [429, true],
  [500, true],
  [503, true],
  [400, false],
  [401, false],
  [404, false],
  [501, false],
])("readErrorResponse() says whether status %i may pass", async (status, isTransient) => {
  const error = await readErrorResponse("pull", "r", { status, headers: {}, body: bytesOf("") });
  expect(error.isTransient).toBe(isTransient);
});

test("readErrorResponse() keeps how long the registry asks to wait", async () => {
  const headers = { "retry-after": "3" };
  const error = await readErrorResponse("pull", "r", { status: 429, headers, body: bytesOf("") });
  expect(error.retryAfterMs).toBe(3000);
});
