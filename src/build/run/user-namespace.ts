import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";

import { backgroundContext, type Context } from "../../base/context.ts";
import { systemCode } from "../../base/error.ts";
import { startProcess, type LocalProcess } from "../../hosts/process.ts";
import { RunError } from "./errors.ts";
import { runHelper } from "./run-helper.ts";

/** Where programs of this machine have the rights that layers and commands need. */
export interface UserNamespace extends AsyncDisposable {
  /**
   * `host`: this program is root. `mapped`: root of a user namespace with the numbers that /etc/subuid gives. `single`:
   * root of one in which there is no other user.
   */
  readonly kind: "host" | "mapped" | "single";
  /** What stands before a program's argv. */
  readonly prefix: readonly string[];
}

/** A program that acts as the namespace's root. */
export function withPrefix(
  { prefix }: UserNamespace,
  argv: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  const [first, ...rest] = prefix;
  return first === undefined ? argv : [first, ...rest, ...argv];
}

/** Removes a folder with files of any owner that the namespace has, also when the build is cancelled. */
export async function removeAs(namespace: UserNamespace, folder: string): Promise<void> {
  await runHelper(backgroundContext(), withPrefix(namespace, ["rm", "-rf", "--one-file-system", folder]));
}

/** A namespace that is made when it is needed for the first time. */
export class LazyNamespace implements AsyncDisposable {
  #opened: Promise<UserNamespace> | undefined;

  /** @throws {RunError} when the kernel does not let this user have a namespace. */
  async open(ctx: Context): Promise<UserNamespace> {
    return (this.#opened ??= openUserNamespace(ctx));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.[Symbol.asyncDispose]();
  }
}

/** @throws {RunError} when the kernel does not let this user have a namespace. */
async function openUserNamespace(ctx: Context): Promise<UserNamespace> {
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) return { kind: "host", prefix: [], [Symbol.asyncDispose]: async () => {} };
  const gid = process.getegid?.() ?? 0;
  const ranges = await findRanges(uid);
  if (ranges) {
    const holder = await startHolder(ctx, []);
    if (await mapIds(ctx, holder, { uid, gid, ...ranges })) return toNamespace("mapped", holder);
    await end(holder);
  }
  return toNamespace("single", await startHolder(ctx, ["--map-root-user"]));
}

function toNamespace(kind: UserNamespace["kind"], holder: LocalProcess): UserNamespace {
  const prefix = ["nsenter", `--user=/proc/${holder.pid}/ns/user`, "--preserve-credentials", "--"];
  return { kind, prefix, [Symbol.asyncDispose]: () => end(holder) };
}

/** A namespace lives as long as a process in it; this one ends when its standard input does. */
async function startHolder(ctx: Context, flags: readonly string[]): Promise<LocalProcess> {
  const holder = startProcess(["unshare", "--user", ...flags, "sh", "-c", "echo ready; read -r _"], { stdin: "pipe" });
  let complaint = "";
  holder.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
  const isReady = await Promise.race([
    new Promise<boolean>((resolve) => void holder.stdout.once("data", () => resolve(true))),
    holder.exit.then(() => false),
  ]);
  ctx.signal.throwIfAborted();
  if (isReady) return holder;
  const { startError } = await holder.exit;
  const reason = startError === "ENOENT" ? "the program unshare is not installed" : (startError ?? complaint.trim());
  throw new RunError("RUN_UNAVAILABLE", `Cannot run commands: this user gets no namespace: ${reason}`, {
    hint:
      startError === "ENOENT"
        ? "Install util-linux"
        : "Allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, " +
          "kernel.apparmor_restrict_unprivileged_userns), or build as root",
  });
}

async function end(holder: LocalProcess): Promise<void> {
  holder.kill();
  await holder.exit;
}

interface IdRange {
  readonly start: number;
  readonly count: number;
}

interface IdRanges {
  readonly uids: IdRange;
  readonly gids: IdRange;
}

/** What the system's administrator gives this user; undefined when it is nothing. */
async function findRanges(uid: number): Promise<IdRanges | undefined> {
  const names = [String(uid), findName()];
  const [uids, gids] = [await findRange("/etc/subuid", names), await findRange("/etc/subgid", names)];
  return uids && gids ? { uids, gids } : undefined;
}

function findName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined; // the number has no name
  }
}

async function findRange(file: string, names: readonly (string | undefined)[]): Promise<IdRange | undefined> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  });
  const fields = text.split("\n").map((line) => line.split(":"));
  const [, start, count] = fields.find(([name]) => names.includes(name)) ?? [];
  const range = { start: Number(start), count: Number(count) };
  return range.start > 0 && range.count > 0 ? range : undefined;
}

/** @returns false when the programs that may do this are missing or refuse. */
async function mapIds(
  ctx: Context,
  { pid }: LocalProcess,
  { uid, gid, uids, gids }: IdRanges & { uid: number; gid: number },
): Promise<boolean> {
  for (const [program, own, { start, count }] of [
    ["newuidmap", uid, uids],
    ["newgidmap", gid, gids],
  ] as const) {
    const map = ["0", String(own), "1", "1", String(start), String(count)];
    const { exitCode } = await runHelper(ctx, [program, String(pid), ...map]);
    if (exitCode !== 0) return false;
  }
  return true;
}
