import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import type { ImageSettings } from "../../../src/build/scan/helm-commands.ts";
import { scanContext } from "../../../src/build/scan/scan-context.ts";
import { renderPlace } from "../../../src/build/scan/scanned-image.ts";
import { bytesMember, tarOf } from "../../archive/entries.ts";
import { treeOf, type TreeSpec } from "../../support/memory-tree.ts";

interface Scan {
  /** `image place, place` each; a place in values behind an arrow. */
  readonly images: readonly string[];
  readonly notes: readonly string[];
}

async function scan(files: TreeSpec, settings: Partial<ImageSettings> = {}): Promise<Scan> {
  const { images, notes } = await scanContext(backgroundContext(), treeOf(files), {
    environment: {},
    commands: [],
    ...settings,
  });
  const lines = images.map(({ name, places }) => {
    const texts = places.map((place) => {
      const { values } = place;
      return `${renderPlace(place)}${values ? ` <- ${values.file}:${values.line}` : ""}`;
    });
    return `${name} ${texts.join(", ")}`;
  });
  return { images: lines, notes };
}

/** A packaged chart. */
function packageOf(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  return gzipSync(tarOf(Object.entries(files).map(([path, content]) => bytesMember(path, Buffer.from(content)))));
}

const CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: v7\n";
const DEPLOYMENT = [
  "kind: Deployment",
  "spec:",
  "  containers:",
  '  - image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"',
  "",
].join("\n");
const VALUES = "# the image\nimage:\n  repository: quay.io/a/web\n  tag: ''\n";

test("scanContext() names each image once, with every place that names it", async () => {
  const { images } = await scan({
    "images/shim/list": "nginx\n",
    "manifests/deep/a.yaml": "image: docker.io/library/nginx:latest\n---\nimage: redis:7\n",
    "manifests/b.yml": "image: nginx\n",
    "etc/c.yaml": "image: not/read:1\n",
  });
  expect(images).toEqual([
    "docker.io/library/nginx:latest images/shim/list:1, manifests/b.yml:1, manifests/deep/a.yaml:1",
    "docker.io/library/redis:7 manifests/deep/a.yaml:3",
  ]);
});

test.each<[pattern: string, left: readonly string[]]>([
  ["nginx:1", ["quay.io/a/b:1"]],
  ["docker.io/library/nginx:1", ["quay.io/a/b:1"]],
  ["quay.io/a/b:1", ["docker.io/library/nginx:1"]],
  ["quay.io/*", ["docker.io/library/nginx:1"]],
  ["*", []],
  ["# *\n\n 'nginx:1' \n", ["quay.io/a/b:1"]],
  ["nginx", ["docker.io/library/nginx:1", "quay.io/a/b:1"]],
  ["quay.io/a/b.1", ["docker.io/library/nginx:1", "quay.io/a/b:1"]],
])("scanContext() leaves out what .sealignore names: %j", async (pattern, left) => {
  const { images } = await scan({ ".sealignore": pattern, "images/shim/list": "nginx:1\nquay.io/a/b:1\n" });
  expect(images.map((image) => image.split(" ")[0])).toEqual(left);
});

test("scanContext() compares with .sealignore without the digest, too", async () => {
  const digest = `sha256:${"0".repeat(64)}`;
  const files = { ".sealignore": "quay.io/a:1\n", "images/shim/list": `quay.io/a:1@${digest}\n` };
  expect((await scan(files)).images).toEqual([]);
});

test("scanContext() renders templates of manifests and names their lines", async () => {
  const template = '{{- if .enabled }}\nx: y\n{{- end }}\nimage: {{ .web | default "web:1" }}\n---\nimage: db:1\n';
  const files = { "manifests/a.yaml.tmpl": template };
  expect((await scan(files)).images).toEqual([
    "docker.io/library/web:1 manifests/a.yaml.tmpl:4",
    "docker.io/library/db:1 manifests/a.yaml.tmpl:6",
  ]);
  expect((await scan(files, { environment: { web: "quay.io/web:2" } })).images[0]).toBe(
    "quay.io/web:2 manifests/a.yaml.tmpl:4",
  );
});

test("scanContext() reads a template that cannot be rendered by the line, and says why", async () => {
  const { images, notes } = await scan({ "manifests/a.tmpl": "image: a:1\nimage: {{ nothing }}\nimage: b:1\n" });
  expect(images).toEqual(["docker.io/library/a:1 manifests/a.tmpl:1", "docker.io/library/b:1 manifests/a.tmpl:3"]);
  expect(notes).toEqual([
    "manifests/a.tmpl is not rendered, only images that stand in it as they are were found: " +
      'template: manifests/a.tmpl:2: function "nothing" not defined',
  ]);
});

test("scanContext() renders charts with their values and says where an image comes from", async () => {
  const { images, notes } = await scan({
    "charts/web/Chart.yaml": CHART,
    "charts/web/values.yaml": VALUES,
    "charts/web/templates/deployment.yaml": DEPLOYMENT,
    "charts/web/templates/_helpers.tpl": "image: not/read:1",
    "charts/web/crds/a.yaml": "kind: Thing\nimage: crd:1\n",
  });
  expect(images).toEqual([
    "docker.io/library/crd:1 charts/web/crds/a.yaml:2",
    "quay.io/a/web:v7 charts/web/templates/deployment.yaml:4 <- charts/web/values.yaml:3",
  ]);
  expect(notes).toEqual([]);
});

test("scanContext() lays charts/NAME.values.yaml over the values of the chart of that name", async () => {
  const { images } = await scan({
    "charts/folder/Chart.yaml": CHART,
    "charts/folder/values.yaml": VALUES,
    "charts/folder/templates/deployment.yaml": DEPLOYMENT,
    "charts/web.values.yaml": "image:\n  repository: mirror.example/web\n  tag: v8\n",
  });
  expect(images).toEqual([
    "mirror.example/web:v8 charts/folder/templates/deployment.yaml:4 <- charts/web.values.yaml:2",
  ]);
});

test("scanContext() reads packaged charts and the charts in them", async () => {
  const inner = packageOf({
    "db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
    "db/values.yaml": "image: redis:7\n",
    "db/templates/db.yaml": "kind: Pod\nimage: {{ .Values.image }}\n",
  });
  const content = packageOf({
    "web/Chart.yaml": `${CHART}dependencies:\n- {name: db, version: 1.0.0, alias: cache}\n`,
    "web/values.yaml": VALUES,
    "web/templates/web.yaml": DEPLOYMENT,
    "web/charts/db-1.0.0.tgz": inner,
  });
  const { images } = await scan({ "charts/web.tgz": { size: content.byteLength, content } });
  expect(images).toEqual([
    "docker.io/library/redis:7 charts/web.tgz!web/charts/cache/templates/db.yaml:2 <- charts/web.tgz!web/charts/db-1.0.0.tgz!db/values.yaml:1",
    "quay.io/a/web:v7 charts/web.tgz!web/templates/web.yaml:4 <- charts/web.tgz!web/values.yaml:3",
  ]);
});

test("scanContext() leaves a template out that fails, says where, and looks through the values", async () => {
  const { images, notes } = await scan({
    "charts/web/Chart.yaml": CHART,
    "charts/web/values.yaml": `${VALUES}sidecar:\n  image: side:1\n`,
    "charts/web/templates/deployment.yaml": DEPLOYMENT,
    "charts/web/templates/fails.yaml": 'image: {{ required "a domain is needed" .Values.domain }}\n',
    "charts/web/templates/no.yaml": "a: [\n",
  });
  expect(images).toEqual([
    "quay.io/a/web:v7 charts/web/templates/deployment.yaml:4 <- charts/web/values.yaml:3, charts/web/values.yaml:3",
    "docker.io/library/side:1 charts/web/values.yaml:6",
  ]);
  expect(notes).toEqual([
    expect.stringMatching(
      /^charts\/web: template: web\/templates\/fails\.yaml:1:10: .*: a domain is needed; images were/,
    ),
    expect.stringMatching(/^charts\/web: YAML parse error on web\/templates\/no\.yaml: /),
  ]);
});

test("scanContext() notes what in charts/ is no chart, or one that cannot be read", async () => {
  const { images, notes } = await scan({
    "charts/docs/README.md": "",
    "charts/bad.tgz": "no archive",
    "charts/bad/Chart.yaml": "a: [",
    "charts/README.md": "",
    "charts/other.values.yaml": "",
  });
  expect(images).toEqual([]);
  expect(notes).toEqual([
    expect.stringMatching(/^charts\/bad\.tgz is not looked at: /),
    "charts/docs is no chart: it has no Chart.yaml",
    expect.stringMatching(/^charts\/bad is not looked at: Cannot load Chart\.yaml/),
  ]);
});

test("scanContext() does not list an image that the context brings along", async () => {
  const files = {
    "images/skopeo/tar.txt": "docker-archive:web.tar@web:1\n",
    "images/skopeo/web.tar": "",
    "images/shim/list": "web:1\nother:1\n",
  };
  const { images, archives } = await scanContext(backgroundContext(), treeOf(files));
  expect(images.map(({ name }) => name)).toEqual(["docker.io/library/other:1"]);
  expect(archives.map(({ name }) => name)).toEqual(["docker.io/library/web:1"]);
});
