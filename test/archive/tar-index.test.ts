import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";

import { indexLayer } from "../../src/archive/layer-reader.ts";
import { indexTar } from "../../src/archive/tar-index.ts";
import { backgroundContext } from "../../src/base/context.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { member, tarOf, textMember } from "./entries.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();
const ARCHIVE = tarOf([
  { entry: member("etc", { type: "directory", mode: 0o755 }) },
  textMember("etc/hello", "hello"),
  textMember("empty", ""),
]);
const TAR_SHA256 = "17a980f7bef4443670377da8ed26ec07c3fc3ec00daef2037012f098715824bb";
const HELLO_SHA256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const INDEX = [
  { entry: member("etc", { type: "directory", mode: 0o755 }), offset: 512 },
  { entry: member("etc/hello", { size: 5 }), offset: 1024, sha256: HELLO_SHA256 },
  { entry: member("empty"), offset: 2048, sha256: EMPTY_SHA256 },
];

test("indexTar() says where each member's content is and what it hashes to", async () => {
  writeFileSync(temporary("a.tar"), ARCHIVE);
  expect(await indexTar(ctx, temporary("a.tar"))).toEqual(INDEX);
});

test("indexTar() hashes nothing when it is told so", async () => {
  writeFileSync(temporary("a.tar"), ARCHIVE);
  const index = await indexTar(ctx, temporary("a.tar"), { hash: false });
  expect(index.map((entry) => entry.sha256)).toEqual([undefined, undefined, undefined]);
});

test.for([
  ["none", ARCHIVE],
  ["gzip", gzipSync(ARCHIVE)],
  ["zstd", zstdCompressSync(ARCHIVE)],
] as const)("indexLayer() indexes and hashes a layer of compression %s", async ([compression, content]) => {
  writeFileSync(temporary("layer"), content);
  const layer = await indexLayer(ctx, { path: temporary("layer"), compression });
  expect(layer.entries).toEqual(INDEX);
  expect(layer.diffSha256).toBe(TAR_SHA256);
  expect(layer.sha256 === TAR_SHA256).toBe(compression === "none");
});

test("indexLayer() unpacks in the same pass", async () => {
  writeFileSync(temporary("layer"), gzipSync(ARCHIVE));
  await indexLayer(ctx, { path: temporary("layer"), compression: "gzip", unpackTo: temporary("tar") });
  expect(readFileSync(temporary("tar")).equals(ARCHIVE)).toBe(true);
});

test("indexLayer() hashes layers that are larger than the hashing ring", async () => {
  const large = tarOf([textMember("large", "0123456789abcdef".repeat(1_300_000))], 1024 * 1024);
  writeFileSync(temporary("layer"), large);
  const plain = await indexLayer(ctx, { path: temporary("layer"), compression: "none" });
  writeFileSync(temporary("packed"), gzipSync(large, { level: 1 }));
  const packed = await indexLayer(ctx, { path: temporary("packed"), compression: "gzip" });
  expect(packed.diffSha256).toBe(plain.sha256);
  expect(packed.entries).toEqual(plain.entries);
});

test("indexLayer() says that the disk is full", async () => {
  writeFileSync(temporary("layer"), gzipSync(ARCHIVE));
  symlinkSync("/dev/full", temporary("tar"));
  const indexed = indexLayer(ctx, { path: temporary("layer"), compression: "gzip", unpackTo: temporary("tar") });
  await expect(indexed).rejects.toMatchObject({ code: "DISK_FULL" });
});
