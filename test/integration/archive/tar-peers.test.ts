import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";

import { decompressDetected } from "../../../src/archive/decompress.ts";
import { fileChunks } from "../../../src/archive/file-chunks.ts";
import { writeLayer } from "../../../src/archive/layer-writer.ts";
import { decodePath } from "../../../src/archive/path-bytes.ts";
import { indexTar, type IndexedEntry } from "../../../src/archive/tar-index.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { bytesMember, member, textMember } from "../../archive/entries.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const temporary = useTemporaryFolder();
const ctx = backgroundContext();
const TEXT = "to be or not to be\n".repeat(200_000);
const LONG = `${"long-name-".repeat(12)}/${"inside-".repeat(30)}`;

test.for(["none", "gzip", "zstd"] as const)("GNU tar extracts what writeLayer() wrote (%s)", async (compression) => {
  const entries = [
    { entry: member("dir", { type: "directory", mode: 0o750 }) },
    textMember("dir/text", TEXT, { mode: 0o4755, mtime: 1_700_000_000 }),
    { entry: member("dir/link", { type: "symlink", linkTarget: `../${LONG}` }) },
    { entry: member("dir/hard", { type: "hardlink", linkTarget: "dir/text" }) },
    { entry: member("pipe", { type: "fifo", mode: 0o600 }) },
    textMember(LONG, "long"),
    textMember("grün/日本", "unicode"),
    bytesMember("latin-\udce9", Buffer.from([0xff])),
  ];
  await writeLayer(ctx, entries, { destination: temporary("layer"), compression });
  mkdirSync(temporary("out"));
  execFileSync("tar", ["-xpf", temporary("layer"), "-C", temporary("out")], { stdio: ["ignore", "pipe", "pipe"] });
  expect(namesIn(temporary("out"))).toEqual([
    "dir",
    "dir/hard",
    "dir/link",
    "dir/text",
    "grün",
    "grün/日本",
    "latin-\udce9",
    LONG.split("/")[0],
    LONG,
    "pipe",
  ]);
  expect(readFileSync(temporary("out/dir/hard"), "utf8")).toBe(TEXT);
  const attributes = execFileSync("stat", ["-c", "%A %Y %h", "dir/text"], { cwd: temporary("out"), encoding: "utf8" });
  expect(attributes).toBe("-rwsr-xr-x 1700000000 2\n");
});

test.for(["gnu", "pax", "ustar", "v7", "oldgnu"])("indexTar() reads what GNU tar writes as %s", async (format) => {
  makeTree(format === "gnu" || format === "pax" || format === "oldgnu" ? LONG : "short/name");
  execFileSync("tar", [`--format=${format}`, "--sort=name", "-cf", temporary("a.tar"), "-C", temporary("tree"), "."]);
  const found = await indexTar(ctx, temporary("a.tar"));
  expect(found.map(({ entry }) => entry.path).sort()).toEqual(["", ...namesIn(temporary("tree"))]);
  expect(typesOf(found)).toMatchObject({
    "dir/text": "hardlink",
    "dir/hard": "file",
    "dir/link": "symlink",
    dir: "directory",
  });
  expect(found.find(({ entry }) => entry.path === "dir/hard")?.sha256).toBe(
    "5a7064ad4502084c3520598f14d822affa0c18dc4497057b1ce2c6742fe1cb59",
  );
});

test.for(["gzip", "bzip2", "xz", "zstd"])("decompressDetected() unpacks what %s packs", async (program) => {
  writeFileSync(temporary("text"), TEXT);
  const packed = execFileSync(program, ["-c", temporary("text")], { maxBuffer: 10_000_000 });
  writeFileSync(temporary("packed"), packed);
  const content = fileChunks(ctx, { path: temporary("packed"), offset: 0, length: packed.byteLength });
  expect((await buffer(decompressDetected(content))).toString()).toBe(TEXT);
});

test.for(["bzip2", "xz"])("decompressDetected() refuses damaged content of %s", async (program) => {
  writeFileSync(temporary("text"), TEXT);
  const packed = execFileSync(program, ["-c", temporary("text")]);
  packed.fill(0xaa, 100, 120);
  writeFileSync(temporary("packed"), packed);
  const content = fileChunks(ctx, { path: temporary("packed"), offset: 0, length: packed.byteLength });
  await expect(buffer(decompressDetected(content))).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: expect.stringContaining(`Cannot unpack ${program} content: `),
  });
});

test("indexTar() refuses a sparse file and says what to do", async () => {
  mkdirSync(temporary("tree"));
  writeFileSync(temporary("tree/sparse"), "");
  truncateSync(temporary("tree/sparse"), 10_000_000);
  for (const format of ["gnu", "pax"]) {
    execFileSync("tar", [`--format=${format}`, "-S", "-cf", temporary("a.tar"), "-C", temporary("tree"), "sparse"]);
    await expect(indexTar(ctx, temporary("a.tar"))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      hint: "Make the archive again without --sparse",
    });
  }
});

test("gzip and zstd accept layers of many blocks", async () => {
  const entries = [textMember("text", TEXT.repeat(3))];
  for (const [compression, program] of [
    ["gzip", "gzip"],
    ["zstd", "zstd"],
  ] as const) {
    await writeLayer(ctx, entries, { destination: temporary("layer"), compression });
    const tar = execFileSync(program, ["-dc"], { input: readFileSync(temporary("layer")), maxBuffer: 100_000_000 });
    expect(tar.byteLength).toBe(11_401_728);
  }
});

function makeTree(long: string): void {
  mkdirSync(temporary("tree/dir"), { recursive: true });
  writeFileSync(temporary("tree/dir/hard"), TEXT);
  execFileSync("ln", [temporary("tree/dir/hard"), temporary("tree/dir/text")]);
  symlinkSync("/etc/passwd", temporary("tree/dir/link"));
  mkdirSync(temporary("tree", long.split("/")[0] ?? ""));
  writeFileSync(temporary("tree", long), "x");
  writeFileSync(Buffer.concat([Buffer.from(temporary("tree/latin-")), Buffer.from([0xe9])]), "bytes");
}

function namesIn(folder: string): string[] {
  const output = execFileSync("find", [folder, "-mindepth", "1", "-printf", "%P\\0"], { encoding: "latin1" });
  const names = output.split("\0").filter((name) => name !== "");
  return names.map((name) => decodePath(Buffer.from(name, "latin1"))).sort();
}

function typesOf(index: readonly IndexedEntry[]): Record<string, string> {
  return Object.fromEntries(index.map(({ entry }) => [entry.path, entry.type]));
}
