import { once } from "node:events";
import { createServer } from "node:http";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";

import { templatePath, type TemplateOptions } from "../../src/actions/template-chart.ts";
import { readTemplateValues } from "../../src/actions/template-values.ts";
import { bytesOf } from "../../src/base/bytes.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const path = useTemporaryFolder();
const ctx = backgroundContext();
const OPTIONS: TemplateOptions = {
  workingDirectory: "/",
  releaseName: "release-name",
  namespace: "default",
  values: new Map(),
  kubeVersion: undefined,
  apiVersions: [],
  isUpgrade: false,
  skipsSchemas: false,
  showOnly: [],
  outputFolder: undefined,
  environment: { HOME: "/home/me" },
};

function write(name: string, text: string): void {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), text);
}

function writeChart(folder: string, name: string, more = ""): void {
  write(`${folder}/Chart.yaml`, `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`);
  write(`${folder}/values.yaml`, "port: 80\n");
  write(`${folder}/templates/a.yaml`, `name: {{ .Release.Name }}-${name}\nport: {{ .Values.port }}\n`);
}

function pack(folder: string, archive: string): void {
  execFileSync("tar", ["-czf", path(archive), "-C", path(dirname(folder)), folder.slice(dirname(folder).length + 1)]);
}

test("templatePath() renders a chart's folder without what .helmignore names", async () => {
  writeChart("charts/web", "web");
  write("charts/web/.helmignore", "draft.yaml\n");
  write("charts/web/templates/draft.yaml", "{{ fail }}");
  const options = { ...OPTIONS, releaseName: "blue", values: new Map([["port", "90"]]) };
  expect(await templatePath(ctx, path("charts/web"), options)).toBe(
    "---\n# Source: web/templates/a.yaml\nname: blue-web\nport: 90\n",
  );
});

test("templatePath() renders a package with packages in its charts/", async () => {
  writeChart("work/inner", "inner");
  writeChart("work/middle", "middle");
  mkdirSync(path("work/middle/charts"));
  pack("work/inner", "work/middle/charts/inner-1.0.0.tgz");
  writeChart("work/outer", "outer");
  mkdirSync(path("work/outer/charts"));
  pack("work/middle", "work/outer/charts/middle-1.0.0.tgz");
  pack("work/outer", "outer-1.0.0.tgz");
  const printed = await templatePath(ctx, path("outer-1.0.0.tgz"), OPTIONS);
  expect(printed.split("\n").filter((line) => line.startsWith("# Source"))).toEqual([
    "# Source: outer/charts/middle/charts/inner/templates/a.yaml",
    "# Source: outer/charts/middle/templates/a.yaml",
    "# Source: outer/templates/a.yaml",
  ]);
});

test("templatePath() follows links inside a chart and refuses those that lead out of it", async () => {
  writeChart("web", "web");
  symlinkSync("a.yaml", path("web/templates/b.yaml"));
  expect(await templatePath(ctx, path("web"), { ...OPTIONS, showOnly: ["templates/b.yaml"] })).toContain("port: 80");
  write("secret", "x");
  symlinkSync(path("secret"), path("web/files"));
  await expect(templatePath(ctx, path("web"), OPTIONS)).rejects.toThrow(/the link ".*\/files" leads out of it/);
});

test("templatePath() ends when links of a chart go round in circles", async () => {
  writeChart("web", "web");
  symlinkSync("../templates", path("web/templates/again"));
  await expect(templatePath(ctx, path("web"), OPTIONS)).rejects.toThrow("is too deep");
});

test("templatePath() gives a file the values, at the top and under .Values, and the environment", async () => {
  write("t.tmpl", '{{ .a }}{{ .Values.a }} {{ .Env.HOME }} {{ env "HOME" }} {{ .none }}');
  const options = { ...OPTIONS, values: new Map([["a", "x"]]) };
  expect(await templatePath(ctx, path("t.tmpl"), options)).toBe("xx /home/me /home/me <no value>");
});

test("templatePath() makes bcrypt hashes that htpasswd files take", async () => {
  write("t.tmpl", '{{ htpasswd "admin" "secret" }} {{ bcrypt "secret" }}');
  const printed = await templatePath(ctx, path("t.tmpl"), OPTIONS);
  expect(printed).toMatch(/^admin:\$2a\$10\$[./A-Za-z0-9]{53} \$2a\$10\$[./A-Za-z0-9]{53}$/);
});

test("templatePath() writes one file a template when there is a folder for them", async () => {
  writeChart("web", "web");
  write("web/templates/two.yaml", "a: 1\n---\na: 2\n");
  const options = { ...OPTIONS, workingDirectory: path(), outputFolder: "out" };
  const one = path("out/web/templates/a.yaml");
  const two = path("out/web/templates/two.yaml");
  expect(await templatePath(ctx, "web", options)).toBe(`wrote ${one}\nwrote ${two}\n`);
  expect(readFileSync(one, "utf8")).toBe("---\n# Source: web/templates/a.yaml\nname: release-name-web\nport: 80\n");
  expect(
    readFileSync(two, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("a:")),
  ).toEqual(["a: 1", "a: 2"]);
});

test("templatePath() writes nothing when an alias leads out of the folder", async () => {
  const more = "dependencies: [{name: inner, version: 1.0.0, alias: ../../../../escaped}]\n";
  writeChart("web", "web", more);
  writeChart("web/charts/inner", "inner");
  const options = { ...OPTIONS, workingDirectory: path(), outputFolder: "out" };
  await expect(templatePath(ctx, "web", options)).rejects.toThrow(/^Cannot write ".*escaped.*": it leads out of/);
  expect(existsSync(path("out"))).toBe(false);
});

test.each([
  ["none", {}, /^Cannot render "none": ENOENT/],
  ["library", {}, 'Cannot render chart "library": it is a library, not an application'],
  ["web", { kubeVersion: "new" }, 'Cannot use Kubernetes version "new": invalid semantic version'],
  ["broken.tgz", {}, /^Cannot read chart ".*\/broken.tgz": /],
  ["bad.tmpl", {}, /^template: bad\.tmpl:2: unexpected "\}" in command$/],
])("templatePath() says what is wrong with %s and %j", async (name, options, message) => {
  writeChart("web", "web");
  writeChart("library", "library", "type: library\n");
  write("broken.tgz", "no archive at all");
  write("bad.tmpl", "a\n{{ } }}");
  await expect(templatePath(ctx, name, { ...OPTIONS, workingDirectory: path(), ...options })).rejects.toThrow(message);
});

test("readTemplateValues() reads files, standard input and the files that are set", async () => {
  write("values.yaml", "a: 1\nb: 1\n");
  write("motd", "hello");
  const options = { files: ["values.yaml", "-"], set: ["c=x"], setFile: ["d=motd"] };
  const places = { workingDirectory: path(), stdin: () => bytesOf("b: two\n") };
  const values = await readTemplateValues(ctx, options, places);
  expect([...values]).toEqual([
    ["a", 1],
    ["b", "two"],
    ["c", "x"],
    ["d", "hello"],
  ]);
});

test("readTemplateValues() refuses a file that is not there", async () => {
  const places = { workingDirectory: path(), stdin: () => bytesOf("") };
  await expect(readTemplateValues(ctx, { files: ["none.yaml"], set: [] }, places)).rejects.toThrow(
    'Cannot read values from "none.yaml": ENOENT',
  );
});

test("readTemplateValues() fetches values from a URL and says what the server answers", async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/values.yaml" ? 200 : 404;
    response.setHeader("connection", "close").end("a: 1\n");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = `http://127.0.0.1:${address.port}`;
  const places = { workingDirectory: path(), stdin: () => bytesOf("") };
  const read = (name: string) => readTemplateValues(ctx, { files: [`${url}/${name}`], set: [] }, places);
  try {
    expect([...(await read("values.yaml"))]).toEqual([["a", 1]]);
    await expect(read("none")).rejects.toThrow(`Cannot read values from "${url}/none": the server answers 404`);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
  await expect(read("values.yaml")).rejects.toThrow(/values\.yaml": connect ECONNREFUSED/);
});
