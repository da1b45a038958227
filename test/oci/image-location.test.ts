import { expect, test } from "vitest";

import { parseLocation, renderLocation } from "../../src/oci/image-location.ts";

test.for([
  ["web:v1", { transport: "store", name: "web:v1" }],
  ["localhost:5000/web", { transport: "store", name: "localhost:5000/web" }],
  [
    "docker://nginx",
    { transport: "docker", reference: { registry: "docker.io", repository: "library/nginx", tag: "latest" } },
  ],
  ["oci:dir", { transport: "oci", path: "dir" }],
  ["oci:/srv/dir:v1", { transport: "oci", path: "/srv/dir", name: "v1" }],
  ["oci-archive:a.tar:localhost/web:v1", { transport: "oci-archive", path: "a.tar", name: "localhost/web:v1" }],
  ["docker-archive:a.tar:@1", { transport: "docker-archive", path: "a.tar", name: "@1" }],
  ["dir:/srv/a:b", { transport: "dir", path: "/srv/a:b" }],
  ["containers-storage:web:v1", { transport: "containers-storage", name: "web:v1" }],
  [
    "containers-storage:[vfs@/srv/root+/run]localhost/web",
    { transport: "containers-storage", name: "localhost/web", root: "/srv/root" },
  ],
] as const)("parseLocation() reads %s", ([text, expected]) => {
  expect(parseLocation(text)).toEqual(expected);
});

test.for([
  ["docker:nginx", "expected docker:// and a name"],
  ["oci:", "the path is missing"],
  ["dir:", "expected dir:DIR"],
  ["containers-storage:", "expected containers-storage: and a name"],
  ["docker-daemon:web:v1", 'the transport "docker-daemon:" is not supported'],
  ["docker://UPPER", "the repository is malformed"],
] as const)("parseLocation() refuses %s", ([text, message]) => {
  expect(() => parseLocation(text)).toThrow(message);
});

test.for([
  "web:v1",
  "docker://docker.io/library/nginx:latest",
  "oci:dir:v1",
  "oci-archive:a.tar",
  "dir:d",
  "containers-storage:[/srv]web",
])("renderLocation() gives %s back", (text) => {
  expect(renderLocation(parseLocation(text))).toBe(text);
});
