import { expect, test } from "vitest";

import { parseMount } from "../../../src/build/run/parse-mount.ts";

const variables = { args: new Map([["V", "1,2"]]), env: new Map([["HOME", "/root"]]) };

function parse(text: string): unknown {
  return parseMount(text, { escape: "\\", variables });
}

const ROOT = { uid: 0, gid: 0 };
const CACHE = { type: "cache", sharing: "shared", isWritable: true, from: undefined, source: "", mode: 0o755, ...ROOT };
const BIND = { type: "bind", isWritable: false, from: undefined, source: "" };
const SECRET = { type: "secret", variable: undefined, isRequired: false, mode: 0o400, ...ROOT };

test.each([
  ["target=/src", { ...BIND, target: "/src" }],
  ["type=BIND,src=../a/,dst=/b,rw", { ...BIND, target: "/b", source: "a", isWritable: true }],
  ["type=bind,target=/a,ro=false,from=one", { ...BIND, target: "/a", from: "one", isWritable: true }],
  ["type=cache,target=$HOME/.cache/", { ...CACHE, target: "/root/.cache/", id: "/root/.cache/" }],
  [
    "type=cache,destination=/c,id=x$V,sharing=Locked,mode=1777,uid=5,gid=6,readonly,from=one,source=/s",
    {
      ...CACHE,
      target: "/c",
      id: "x1,2",
      sharing: "locked",
      mode: 0o1777,
      uid: 5,
      gid: 6,
      isWritable: false,
      from: "one",
      source: "s",
    },
  ],
  ["type=tmpfs,target=/t", { type: "tmpfs", target: "/t", sizeBytes: undefined }],
  ["type=tmpfs,target=/t,size=1.5m", { type: "tmpfs", target: "/t", sizeBytes: 1_572_864 }],
  ["type=secret,id=k", { ...SECRET, id: "k", target: "/run/secrets/k" }],
  ["type=secret,source=a/k", { ...SECRET, id: "a/k", target: "/run/secrets/k" }],
  ["type=secret,target=/etc/k", { ...SECRET, id: "k", target: "/etc/k" }],
  ["type=secret,id=k,env=KEY", { ...SECRET, id: "k", target: undefined, variable: "KEY" }],
  [
    "type=secret,id=k,env=KEY,target=t,required,mode=0440",
    { ...SECRET, id: "k", target: "t", variable: "KEY", isRequired: true, mode: 0o440 },
  ],
  ["type=ssh", { type: "ssh", id: "default", target: undefined, isRequired: false, mode: 0o600, ...ROOT }],
  [`type=tmpfs,"target=/a,b"`, { type: "tmpfs", target: "/a,b", sizeBytes: undefined }],
  ["type=tmpfs,target='/a,b'", { type: "tmpfs", target: "/a,b", sizeBytes: undefined }],
])("parseMount() reads %s", (text, mount) => {
  expect(parse(text)).toEqual(mount);
});

test.each([
  [
    "type=cashe,target=/a",
    `expected a mount of type bind, cache, tmpfs, secret, ssh, found "cashe"; did you mean cache?`,
  ],
  ["type=cache", "a mount of type cache needs target=PATH"],
  ["type=bind,target=/..", `nothing can be mounted at "/.."`],
  ["targt=/a", `a mount has no "targt"; did you mean target?`],
  ["target", `expected target=VALUE, found "target"`],
  ["type=tmpfs,target=/a,mode=0700", "a mount of type tmpfs has no mode"],
  ["type=tmpfs,target=/a,size=big", `expected a size such as 64m, found "big"`],
  ["type=cache,target=/a,sharing=all", `expected sharing=shared, private or locked, found "all"`],
  ["type=cache,target=/a,mode=0o7", `expected mode as octal digits, found "0o7"`],
  ["type=cache,target=/a,uid=-1", `expected a number of a user or group, found "-1"`],
  ["type=cache,target=/a,uid=4294967295", `expected a number of a user or group, found "4294967295"`],
  ["type=bind,target=/a,ro,rw", "a mount is either readonly or readwrite, not both"],
  ["type=bind,target=/a,ro=maybe", `expected readonly=true or false, found "maybe"`],
  ["type=secret", "a mount of type secret needs id=NAME"],
  ["type=secret,id=a,source=b", "a secret has either id or source, not both"],
  ["type=secret,id=a,from=b", "a mount of type secret has no from"],
  [`type=bind,target="/a`, `The closing " is missing`],
])("parseMount() refuses %s", (text, message) => {
  expect(() => parse(text)).toThrow(message);
});
