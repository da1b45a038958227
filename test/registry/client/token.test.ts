import { expect, test } from "vitest";

import { parseToken } from "../../../src/registry/client/token.ts";

test.each([
  ["token", '{"token":"a","expires_in":300}', "a", 300_000],
  ["access_token", '{"access_token":"b"}', "b", 60_000],
  ["token before access_token", '{"token":"a","access_token":"b"}', "a", 60_000],
  ["access_token when token is empty", '{"token":"","access_token":"b"}', "b", 60_000],
  ["an expiry that is none", '{"token":"a","expires_in":-1}', "a", 60_000],
])("parseToken() reads %s", (_, document, token, expiresInMs) => {
  const parsed = parseToken(Buffer.from(document));
  expect(parsed?.token.reveal()).toBe(token);
  expect(parsed?.expiresInMs).toBe(expiresInMs);
});

test.each([
  ["is not JSON", "<html>"],
  ["has none", '{"expires_in":300}'],
  ["has one that would break the header", '{"token":"a\\r\\nX-Evil: 1"}'],
  ["is a list", "[]"],
])("parseToken() finds no token when the document %s", (_, document) => {
  expect(parseToken(Buffer.from(document))).toBeUndefined();
});
