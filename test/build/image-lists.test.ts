import { expect, test } from "vitest";

import { listImages } from "../../src/build/image-cache/image-lists.ts";
import { treeOf } from "../support/memory-tree.ts";

test("listImages() reads every list below images/shim, each image once", () => {
  const context = treeOf({
    "images/shim/DefaultImageList": '# core\n\nregistry.k8s.io/pause:3.10\n  "nginx"\n',
    "images/shim/deep/more.txt": "docker.io/library/nginx:latest\r\n'quay.io/a/b:1'\ncontainers-storage:localhost/x:1",
    "images/other": "not/read:1",
    "manifests/a.yaml": "image: not/read:1",
  });
  expect(listImages(context).map(({ name, file, line }) => [name, `${file}:${line}`])).toEqual([
    ["registry.k8s.io/pause:3.10", "images/shim/DefaultImageList:3"],
    ["docker.io/library/nginx:latest", "images/shim/DefaultImageList:4"],
    ["quay.io/a/b:1", "images/shim/deep/more.txt:2"],
    ["localhost/x:1", "images/shim/deep/more.txt:3"],
  ]);
});

test("listImages() leaves out what .sealignore names, as written or in full", () => {
  const context = treeOf({
    ".sealignore": "# no\nnginx:1\ndocker.io/library/redis:2\nquay.io/other\n",
    "images/shim/list": "nginx:1\nredis:2\nquay.io/other:1\n",
  });
  expect(listImages(context).map(({ name }) => name)).toEqual(["quay.io/other:1"]);
});

test("listImages() names every line that is no image", () => {
  const context = treeOf({ "images/shim/a": "ok:1\nBad:1\n", "images/shim/b": "x@y\n" });
  expect(() => listImages(context)).toThrow(
    /Cannot read the image lists:\nimages\/shim\/a:2: Cannot parse image name "Bad:1"[^\n]*\nimages\/shim\/b:1: Cannot parse/,
  );
});

test("listImages() finds nothing where there is no list", () => {
  expect(listImages(treeOf({ a: "" }))).toEqual([]);
});
