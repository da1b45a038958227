import { expect, test } from "vitest";

import { renderBuildArguments } from "../../src/sources/build-arguments.ts";
import { renderGoMod, stagingModules } from "../../src/sources/go-mod.ts";
import { parseLibraries } from "../../src/sources/libraries.ts";
import { mirroredUrl } from "../../src/sources/mirror.ts";
import { programName } from "../../src/sources/program-name.ts";
import { checksumUrl, parsePublishedChecksum } from "../../src/sources/published-checksum.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);

test.for([
  ["https://dl.k8s.io/release/v1/x?y=1", undefined, "https://dl.k8s.io/release/v1/x?y=1"],
  [
    "https://dl.k8s.io/release/v1/x?y=1",
    "https://mirror.lan/files/",
    "https://mirror.lan/files/dl.k8s.io/release/v1/x?y=1",
  ],
  ["https://dl.k8s.io:8443/x", "http://mirror.lan", "http://mirror.lan/dl.k8s.io:8443/x"],
  ["https://dl.k8s.io/a b", "/srv/my mirror", "file:///srv/my%20mirror/dl.k8s.io/a%20b"],
] as const)("mirroredUrl() of %s with mirror %s is %s", ([url, mirror, expected]) => {
  expect(mirroredUrl(url, mirror)).toBe(expected);
});

test.for([
  ["a bare hash", `${A}\n`],
  ["a hash in capitals", `${A.toUpperCase()}\n`],
  ["a line of sha256sum", `${A}  runc.amd64\n`],
  ["a line in binary mode among others", `${B} *runc.arm64\r\n${A} *runc.amd64\r\n`],
  ["a path", `${A}  ./dist/runc.amd64\n`],
  [
    "a signed message",
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${A}  runc.amd64\n${B}  runc.arm64\n-----BEGIN\n`,
  ],
] as const)("parsePublishedChecksum() finds the hash in %s", ([, text]) => {
  expect(parsePublishedChecksum(text, "runc.amd64")).toBe(A);
});

test.for([
  ["nothing", "", 0],
  ["an error page", "<html>not found</html>", 0],
  ["other files only", `${A}  runc.arm64\n`, 0],
  ["two hashes of one file", `${A}  runc.amd64\n${B}  runc.amd64\n`, 2],
] as const)("parsePublishedChecksum() refuses %s", ([, text, count]) => {
  expect(() => parsePublishedChecksum(text, "runc.amd64")).toThrow(`expected one SHA-256, found ${count}`);
});

test("checksumUrl() appends a suffix and takes a URL as it is", () => {
  expect(checksumUrl("https://h/f.tgz", ".sha256")).toBe("https://h/f.tgz.sha256");
  expect(checksumUrl("https://h/f.tgz", "https://h/SHA256SUMS")).toBe("https://h/SHA256SUMS");
});

test.for([
  ["k8s.io/kubernetes/cmd/kubeadm", "kubeadm"],
  ["go.etcd.io/etcd/server/v3", "server"],
  ["go.etcd.io/etcd/server/v10", "server"],
  ["example.com/tools/v1", "v1"],
  ["github.com/opencontainers/runc", "runc"],
] as const)("programName() of %s is %s", ([goPackage, expected]) => {
  expect(programName(goPackage)).toBe(expected);
});

test("parseLibraries() takes the libraries and the loader, not the kernel's page", () => {
  const output = [
    "\tlinux-vdso.so.1 (0x00007ffd6d5f2000)",
    "\tlibnftables.so.1 => /lib/x86_64-linux-gnu/libnftables.so.1 (0x00007f1a2c400000)",
    "\t/lib64/ld-linux-x86-64.so.2 (0x00007f1a2c69e000)",
    "",
  ].join("\n");
  expect(parseLibraries(output)).toEqual(["/lib/x86_64-linux-gnu/libnftables.so.1", "/lib64/ld-linux-x86-64.so.2"]);
  expect(parseLibraries("\tnot a dynamic executable\n")).toEqual([]);
});

const GO_MOD = `module k8s.io/kubernetes

go 1.26.0

godebug default=go1.26

require (
	github.com/x/y v1.0.0
	k8s.io/api v0.0.0
)

replace (
	k8s.io/client-go => ./staging/src/k8s.io/client-go
	k8s.io/api => ./staging/src/k8s.io/api
	github.com/x/y => github.com/z/y v1.0.1
)

replace k8s.io/one v0.1.0 => ../one
`;

test("stagingModules() finds the modules that are folders of the repository", () => {
  expect(stagingModules(GO_MOD)).toEqual(["k8s.io/api", "k8s.io/client-go", "k8s.io/one"]);
});

test("renderGoMod() takes language version and runtime settings over", () => {
  const options = {
    require: [{ path: "k8s.io/kubernetes", version: "v1.36.3" }],
    replace: [{ path: "k8s.io/api", version: "v0.36.3" }],
    settings: GO_MOD,
  };
  expect(renderGoMod(options)).toBe(
    "module payload\ngo 1.26.0\ngodebug default=go1.26\nrequire k8s.io/kubernetes v1.36.3\nreplace k8s.io/api => k8s.io/api v0.36.3\n",
  );
});

test("renderBuildArguments() writes a sorted line for each argument", () => {
  expect(renderBuildArguments({ version: "v1.36.3", pause: "3.10.2" })).toBe("pause=3.10.2\nversion=v1.36.3\n");
});
