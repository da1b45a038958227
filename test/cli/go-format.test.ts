import { expect, test } from "vitest";

import { renderRows } from "../../src/cli/go-format.ts";

const rows = [
  { ID: "0123", Name: "localhost/web" },
  { ID: "4567", Name: "docker.io/library/nginx" },
];

test("renderRows() renders a line for each row", async () => {
  expect(await renderRows("{{.ID}} {{.Name}}", rows)).toBe("0123 localhost/web\n4567 docker.io/library/nginx");
});

test("renderRows() aligns columns below their names when the format starts with table", async () => {
  expect(await renderRows(String.raw`table {{.Name}}\t{{.ID}}`, rows)).toBe(
    "NAME                     ID\nlocalhost/web            0123\ndocker.io/library/nginx  4567",
  );
});

test("renderRows() knows json, as other tools do", async () => {
  expect(await renderRows("{{json .}}", rows.slice(0, 1))).toBe('{"ID":"0123","Name":"localhost/web"}');
});

test("renderRows() refuses a field that is not there", async () => {
  await expect(renderRows("{{.Nmae}}", rows)).rejects.toThrow(expect.objectContaining({ code: "TEMPLATE" }));
});
