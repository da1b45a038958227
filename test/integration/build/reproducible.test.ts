import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const MAIN = join(import.meta.dirname, "../../../src/main.ts");
const KUBEFILE = `FROM scratch AS files
COPY --chown=5:6 . /all/
COPY tree/linked /only
FROM scratch
COPY --from=files / /
ADD --chmod=u=rwX,go=rX archive.tar.gz /archive/
WORKDIR /work/deep
ENV A=b
CMD ["run"]
`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "reproducible-"));
  chmodSync(root, 0o755);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** How a build context comes to be, and who builds it where. */
interface Circumstances {
  readonly name: string;
  /** Decides in which order files are made. */
  readonly seed: number;
  readonly mtime: number;
  readonly owner: number;
  readonly umask: string;
  readonly user: number;
  readonly environment: Readonly<Record<string, string>>;
}

const HERE: Circumstances = {
  name: "here",
  seed: 1,
  mtime: 1_000_000_000,
  owner: 0,
  umask: "022",
  user: 0,
  environment: { TZ: "UTC", LANG: "C", LC_ALL: "C" },
};

type Creation = readonly [path: string, create: (place: string) => void];

const FILES: readonly Creation[] = [
  ...Array.from({ length: 40 }, (_, index): Creation => [`tree/${(index * 7) % 5}/file-${index}`, text(`${index}`)]),
  ...["ä", "z", "Z", "\u{1f600}", "\uffee", "a b", "a", "a-b", "ß"].map((name): Creation => [
    `names/${name}`,
    text(""),
  ]),
  ["tree/empty/.keep", text("")],
  ["tree/script", text("#!/bin/sh\n", 0o755)],
  ["tree/link", (place) => symlinkSync("script", place)],
  ["tree/folder", (place) => mkdirSync(place)],
];

function text(content: string, mode = 0o644): (place: string) => void {
  return (place) => {
    writeFileSync(place, content);
    chmodSync(place, mode);
  };
}

function makeContext(folder: string, { seed, mtime, owner }: Circumstances): void {
  for (const [path, create] of shuffled(FILES, seed)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    create(join(folder, path));
  }
  const names = ["tree/linked", "tree/0/linked", "zzz"].map((name) => join(folder, name));
  const [first = "", ...others] = shuffled(names, seed);
  writeFileSync(first, "linked");
  for (const other of others) linkSync(first, other);
  execFileSync("python3", ["-c", "import os,sys; os.setxattr(sys.argv[1], 'user.a', b'1')", join(folder, "zzz")]);
  writeFileSync(join(folder, "archive.tar.gz"), ARCHIVE);
  const paths = execFileSync("find", [folder, "-print0"], { encoding: "utf8" }).split("\0").slice(0, -1);
  for (const [index, path] of paths.entries()) lutimesSync(path, mtime + index, mtime + index);
  if (owner > 0) execFileSync("chown", ["-R", "--no-dereference", `${owner}:${owner}`, folder]);
}

/** Packed once: gzip writes the time of packing into its header. */
const ARCHIVE = execFileSync("tar", ["-cz", "-C", import.meta.dirname, "build-scene.ts", "reproducible.test.ts"]);

function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647);
  return items
    .map((item) => ({ item, rank: next() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

/** Builds with the program itself. @returns the digest of the manifest. */
function digestOf(circumstances: Circumstances): string {
  const folder = join(root, circumstances.name);
  mkdirSync(folder, { mode: 0o755 });
  chownSync(folder, circumstances.user, circumstances.user);
  makeContext(join(folder, "context"), circumstances);
  writeFileSync(join(folder, "Kubefile"), KUBEFILE);
  const build = [
    process.execPath,
    MAIN,
    "build",
    "-q",
    "-t",
    "same:1",
    "-f",
    join(folder, "Kubefile"),
    join(folder, "context"),
  ];
  const { umask, user, environment } = circumstances;
  const shell = ["-c", `umask ${umask}; exec "$@"`, "sh", ...build];
  execFileSync("setpriv", ["--reuid", `${user}`, "--regid", `${user}`, "--clear-groups", "sh", ...shell], {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, SEALOS_STORE: join(folder, "store"), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return JSON.parse(readFileSync(join(folder, "store/index.json"), "utf8")).manifests[0].digest;
}

test.each<Partial<Circumstances>>([
  { name: "order", seed: 77 },
  { name: "times", mtime: 1_700_000_000.5 },
  { name: "owner", owner: 12_345 },
  { name: "umask", umask: "077" },
  { name: "user", user: 65_534 },
  { name: "zone", environment: { TZ: "Asia/Kathmandu", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" } },
])("sealos build gives the same digest in other circumstances: %j", (changes) => {
  expect(digestOf({ ...HERE, ...changes })).toBe(digestOf(HERE));
});
