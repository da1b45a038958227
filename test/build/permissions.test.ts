import { expect, test } from "vitest";

import { parsePermissions } from "../../src/build/layer/permissions.ts";

test.each<[text: string, mode: number, kind: "file" | "folder", result: number]>([
  ["0644", 0o4755, "file", 0o644],
  ["4755", 0o644, "file", 0o4755],
  ["u=rwX,go=rX", 0o600, "file", 0o644],
  ["u=rwX,go=rX", 0o710, "file", 0o755],
  ["u=rwX,go=rX", 0o700, "folder", 0o755],
  ["+x", 0o644, "file", 0o755],
  ["a-w", 0o666, "file", 0o444],
  ["g=u,o=", 0o640, "file", 0o660],
  ["u+s,g+s,+t", 0o755, "file", 0o7755],
  ["u=rw", 0o4755, "file", 0o655],
  ["u+x-w", 0o644, "file", 0o544],
  ["go=", 0o777, "folder", 0o700],
])("parsePermissions() makes of %s and %o of a %s what chmod makes of it", (text, mode, kind, result) => {
  expect(parsePermissions(text)(mode, kind === "folder").toString(8)).toBe(result.toString(8));
});

test.each(["", "8", "99999", "u", "u=q", "x+u", "u=rw,", "0o644", "-1"])("parsePermissions() refuses %j", (text) => {
  expect(() => parsePermissions(text)).toThrow("expected permission bits");
});
