import { expect, test } from "vitest";

import { InputError, KnownError, UsageError } from "../../src/base/error.ts";
import { exitCodeOf, InterruptedError, renderError, toErrorDocument } from "../../src/cli/render-error.ts";

const options = { debug: false, version: "1.2.3" };

test("exitCodeOf() tells failures, wrong command lines, signals and bugs apart", () => {
  const errors = [
    new InputError("x"),
    new UsageError("x"),
    new InterruptedError("SIGINT"),
    new InterruptedError("SIGTERM"),
    new TypeError("x"),
  ];
  expect(errors.map(exitCodeOf)).toEqual([1, 2, 130, 143, 70]);
});

test("renderError() shows the message and the hint of a known error and no stack", () => {
  const error = new KnownError("X", 'Cannot read "a"', { hint: "Write it first" });
  expect(renderError(error, options)).toBe('Error: Cannot read "a"\nHint: Write it first');
});

test("renderError() shows stacks of all causes with --debug", () => {
  const error = Object.assign(new KnownError("X", "outer"), { causes: [new Error("first"), new Error("second")] });
  const text = renderError(error, { ...options, debug: true });
  expect(text).toMatch(/Error: outer\n[\s\S]*Error: first\n[\s\S]*Error: second\n/);
});

test("renderError() shows a bug with its stack and what to do with it", () => {
  const text = renderError(new TypeError("x is undefined"), options);
  expect(text).toMatch(/^Error: x is undefined\nTypeError: x is undefined\n {4}at /);
  expect(text).toContain("This is a bug in sealos 1.2.3.");
});

test("renderError() lets no control character through", () => {
  expect(renderError(new InputError("a\u001b[2Jb"), options)).toBe("Error: a\\x1b[2Jb");
});

test("toErrorDocument() has code, message and hint", () => {
  expect(toErrorDocument(new UsageError("Wrong", { hint: "Right" }))).toEqual({
    code: "USAGE",
    message: "Wrong",
    hint: "Right",
  });
});
