import { expect, test } from "vitest";

import { listArchives, listImages } from "../../../src/build/scan/image-lists.ts";
import { treeOf } from "../../support/memory-tree.ts";

test("listImages() reads every list below images/shim", () => {
  const context = treeOf({
    "images/shim/DefaultImageList": '# core\n\nregistry.k8s.io/pause:3.10\n  "nginx"\n',
    "images/shim/deep/more.txt": "docker.io/library/nginx:latest\r\n'quay.io/a/b:1'\ncontainers-storage:localhost/x:1",
    "images/other": "not/read:1",
    "manifests/a.yaml": "image: not/read:1",
  });
  expect(listImages(context).map(({ text, place }) => [text, `${place.file}:${place.line}`])).toEqual([
    ["registry.k8s.io/pause:3.10", "images/shim/DefaultImageList:3"],
    ["nginx", "images/shim/DefaultImageList:4"],
    ["docker.io/library/nginx:latest", "images/shim/deep/more.txt:1"],
    ["quay.io/a/b:1", "images/shim/deep/more.txt:2"],
    ["localhost/x:1", "images/shim/deep/more.txt:3"],
  ]);
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

test("listArchives() reads the archives that tar.txt names, beside it or by their path", () => {
  const context = treeOf({
    "images/skopeo/tar.txt": "docker-archive:web.tar@web:1\n\noci-archive:files/db.tar@quay.io/x/db:2\n",
    "images/skopeo/web.tar": "",
    "files/db.tar": "",
  });
  expect(listArchives(context).map(({ name, archive, places }) => [name, archive, places])).toEqual([
    [
      "docker.io/library/web:1",
      { format: "docker-archive", path: "images/skopeo/web.tar" },
      [{ file: "images/skopeo/tar.txt", line: 1 }],
    ],
    ["quay.io/x/db:2", { format: "oci-archive", path: "files/db.tar" }, [{ file: "images/skopeo/tar.txt", line: 3 }]],
  ]);
});

test("listArchives() names every line that is no archive", () => {
  const context = treeOf({ "images/skopeo/tar.txt": "web.tar\ndocker-archive:gone.tar@web:1\n" });
  expect(() => listArchives(context)).toThrow(
    "Cannot read the list of image archives:\n" +
      'images/skopeo/tar.txt:1: expected docker-archive:FILE@NAME or oci-archive:FILE@NAME, found "web.tar"\n' +
      'images/skopeo/tar.txt:2: there is no file "gone.tar" in images/skopeo',
  );
});
