import { expect, test } from "vitest";

import { findYamlImages } from "../../../src/build/scan/yaml-images.ts";

const HASH = "a".repeat(64);

/** What is found in a text, `line image` each. */
function imagesIn(text: string): string[] {
  return findYamlImages(text).map(({ text: name, line }) => `${line} ${name}`);
}

test.each<[what: string, text: string, images: readonly string[]]>([
  ["containers", "spec:\n  containers:\n  - image: nginx\n  - name: b\n    image: redis:7\n", ["3 nginx", "5 redis:7"]],
  ["init containers", "spec:\n  initContainers: [{name: a, image: 'busybox:1'}]\n", ["2 busybox:1"]],
  ["ephemeral containers", "spec:\n  ephemeralContainers:\n  - {image: debug:1}\n", ["3 debug:1"]],
  ["quotes and comments", 'image: "a/b:1" # not a/b:2\n', ["1 a/b:1"]],
  ["folded scalars", "image: >-\n  quay.io/a/b:1\n", ["1 quay.io/a/b:1"]],
  ["a digest", `image: a@sha256:${HASH}\n`, [`1 a@sha256:${HASH}`]],
  ["a tag and a digest", `image: a:1@sha256:${HASH}\n`, [`1 a:1@sha256:${HASH}`]],
  ["several documents", "image: a:1\n---\n# c\nimage: b:2\n--- # x\nimage: c:3\n", ["1 a:1", "4 b:2", "6 c:3"]],
  ["a document that begins beside its dashes", "--- {image: a}\n", ["1 a"]],
  ["a list of objects", "kind: List\nitems:\n- spec: {image: a}\n- spec: {image: b}\n", ["3 a", "4 b"]],
  ["JSON", '{"spec": {\n  "containers": [{"image": "a:1"}]}}', ["2 a:1"]],
  ["JSON with tabs", '{\n\t"image": "a:1"\n}', ["2 a:1"]],
  ["other fields for images", "sidecarImage: a:1\nproxy-image: b:1\nimageName: c:1\n", ["1 a:1", "2 b:1", "3 c:1"]],
  ["lists of images", "images:\n- a:1\n- quay.io/b\n", ["2 a:1", "3 quay.io/b"]],
  ["triples", "image: {registry: quay.io, repository: a/b, tag: v1}\n", ["1 quay.io/a/b:v1"]],
  ["triples with a digest", `x:\n  repository: a/b\n  digest: sha256:${HASH}\n`, [`2 a/b@sha256:${HASH}`]],
  ["triples with bare hash", `x:\n  repository: a/b\n  tag: v1\n  sha: ${HASH}\n`, [`2 a/b:v1@sha256:${HASH}`]],
  ["triples whose tag is a number", "image:\n  repository: a\n  tag: 1.27\n", ["2 a:1.27"]],
  ["triples without an image's name around them", "controller:\n  repository: r.io/a\n  tag: v1\n", ["2 r.io/a:v1"]],
  ["names and tags below an image", "image:\n  name: a/b\n  tag: v1\n", ["2 a/b:v1"]],
  ["an image beside its tag", "spec:\n  image: quay.io/a/b\n  tag: v2\n", ["2 quay.io/a/b:v2"]],
  ["volumes that are images", "volumes:\n- image: {reference: quay.io/a:1}\n", ["2 quay.io/a:1"]],
  [
    "variables of operators",
    "env:\n- {name: RELATED_IMAGE_X, value: quay.io/a:1}\n- name: OPERATOR_IMAGE\n  value: b:2\n- {name: PROXY_IMG, value: c:3}\n",
    ["2 quay.io/a:1", "4 b:2", "5 c:3"],
  ],
  [
    "arguments",
    "args:\n- --config-reloader-image=quay.io/a:1\n- --prometheus-config-reloader=quay.io/b:v2\n- --sidecar-image\n- c:3\n- -image=d:4\n",
    ["2 quay.io/a:1", "3 quay.io/b:v2", "5 c:3", "6 d:4"],
  ],
  ["documents in texts", "data:\n  a.yaml: |\n    spec:\n      image: a:1\n", ["4 a:1"]],
  ["values in texts", "spec:\n  valuesContent: |-\n    image:\n      repository: a\n      tag: b\n", ["4 a:b"]],
  ["texts that are templates", "data:\n  t: |\n    {{ if x }}\n    image: a:1\n    image: {{ y }}\n", ["4 a:1"]],
  ["defaults of definitions", "kind: CustomResourceDefinition\nimage:\n  default: quay.io/a:1\n", ["3 quay.io/a:1"]],
  ["anchors", "x: &c\n  image: a:1\ny:\n  <<: *c\n", ["2 a:1", "4 a:1"]],
])("findYamlImages() finds images in %s", (_, text, images) => {
  expect(imagesIn(text)).toEqual(images);
});

test.each<[what: string, text: string]>([
  ["empty fields", "image:\nimage2: ''\n"],
  ["commented lines", "# image: a:1\n"],
  ["variables", "image: $(IMAGE)\n"],
  ["placeholders", "image: auto\n"],
  ["URLs", "image: https://example.com/a.png\n"],
  ["pictures", "backgroundImage: picture\nlogo_image: a b\n"],
  ["block devices of Ceph", "rbd: {monitors: [a], image: disk, pool: rbd}\n"],
  ["definitions", "kind: CustomResourceDefinition\nimage:\n  type: string\n  default: latest\n"],
  ["images that nodes have", "kind: Node\nstatus:\n  images: [{names: [a:1]}]\n"],
  ["other arguments", "image: ''\nargs: [--listen=example.com:80, --path=a/b:c, --url=https://r.io/a:1]\n"],
  ["other variables", "env: [{name: HOST, value: r.io/a:1}, {name: IMAGE_DIR, value: /var/lib}]\nimage: ''\n"],
  ["pull policies", "imagePullPolicy: Always\nimagePullSecrets: [{name: a}]\n"],
  ["repositories of sources", "repository: https://github.com/a/b\ntag: v1\n"],
])("findYamlImages() finds nothing in %s", (_, text) => {
  expect(imagesIn(text)).toEqual([]);
});

test("findYamlImages() reads what is no YAML by the line", () => {
  const text = '{{- if x }}\n  - image: a:1 # c\n  "image": "b:2",\n  image: {{ y }}\n  myImage: c:3\n---\nimage: d\n';
  expect(imagesIn(text)).toEqual(["2 a:1", "3 b:2", "5 c:3", "7 d"]);
});

test("findYamlImages() takes the default tag where a chart's values leave it empty", () => {
  const values = 'image:\n  repository: a/b\n  tag: ""\nother:\n  repository: c:1\n  tag: ""\n';
  expect(findYamlImages(values, { defaultTag: "v9" })).toEqual([
    { text: "a/b:v9", line: 2 },
    { text: "c:1", line: 5 },
  ]);
});

test("findYamlImages() reads a document of megabytes in seconds", () => {
  const item = "- image: quay.io/a/b:1\n  other: value\n";
  expect(findYamlImages(item.repeat(150_000))).toHaveLength(150_000);
});
