import { expect, test } from "vitest";

import { abortable } from "../../src/hosts/abortable.ts";

test("abortable() gives the promise's value or error", async () => {
  const { signal } = new AbortController();
  expect(await abortable(signal, Promise.resolve(7))).toBe(7);
  await expect(abortable(signal, Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});

test("abortable() stops waiting when the signal fires", async () => {
  const abort = new AbortController();
  const waiting = abortable(abort.signal, new Promise(() => {}));
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});

test("abortable() throws the reason of a signal that has fired, whatever becomes of the promise", async () => {
  const signal = AbortSignal.abort(new Error("before"));
  await expect(abortable(signal, Promise.reject(new Error("later")))).rejects.toThrow("before");
});
