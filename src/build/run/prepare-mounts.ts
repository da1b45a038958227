import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";

import type { Context } from "../../base/context.ts";
import { assertNever, InputError, messageOf, systemCode } from "../../base/error.ts";
import type { ImageStore } from "../../store/image-store.ts";
import type { FileTree } from "../context/file-tree.ts";
import { resolvePath } from "../context/resolve-path.ts";
import { atPlace, problemAt, type Place } from "../place.ts";
import { openAgentSocket } from "./agent-socket.ts";
import { findBindSource, writeBindSource } from "./bind-source.ts";
import { openCacheFolder } from "./cache-folder.ts";
import { renderHosts, renderResolver } from "./name-files.ts";
import type { PlacedMount } from "./run-flags.ts";
import type { BindMount, CacheMount, SecretMount, SshMount, TmpfsMount } from "./run-mount.ts";
import type { RunSettings, SecretSource } from "./run-settings.ts";
import { HOST_NAME } from "./sandbox-script.ts";
import { secretPath, type SandboxMount, type SandboxSecret } from "./sandbox-mount.ts";
import type { UserNamespace } from "./user-namespace.ts";

/** What a command finds beside the files of its image. */
export interface PreparedMounts {
  readonly mounts: readonly SandboxMount[];
  readonly secrets: readonly SandboxSecret[];
  /** Variables that say where something is mounted. */
  readonly environment: ReadonlyMap<string, string>;
}

export interface MountSurroundings {
  /** The files of the command's image. */
  readonly tree: FileTree;
  readonly workingDirectory: string;
  /** The sandbox's, for what is made for one command. */
  readonly folder: string;
  readonly store: ImageStore;
  readonly settings: RunSettings;
  readonly namespace: UserNamespace;
  /** The files that `from=` means; without it those of the context. */
  readonly openFrom: (from: string | undefined, place: Place) => Promise<FileTree>;
  /** What ends with the command. */
  readonly resources: AsyncDisposableStack;
}

/** Prepares what the flags of a RUN and the settings of the build mount, in the order in which it is mounted. */
export async function prepareMounts(
  ctx: Context,
  mounts: readonly PlacedMount[],
  surroundings: MountSurroundings,
): Promise<PreparedMounts> {
  const preparer = new MountPreparer(surroundings);
  await preparer.addNames();
  for (const volume of surroundings.settings.volumes) await preparer.addVolume(volume);
  for (const mount of mounts) await preparer.add(ctx, mount);
  return preparer;
}

const SECRET_LIMIT_BYTES = 512 * 1024;

class MountPreparer implements PreparedMounts {
  readonly mounts: SandboxMount[] = [];
  readonly secrets: SandboxSecret[] = [];
  readonly environment = new Map<string, string>();
  readonly #surroundings: MountSurroundings;

  constructor(surroundings: MountSurroundings) {
    this.#surroundings = surroundings;
  }

  async addNames(): Promise<void> {
    const { names } = this.#surroundings.settings;
    if (names.writesHosts) await this.#addText("etc/hosts", renderHosts(names, HOST_NAME));
    if (names.servers === "none") return;
    const machine = await readFile("/etc/resolv.conf", "utf8").catch(() => "");
    await this.#addText("etc/resolv.conf", renderResolver(names, machine));
  }

  async addVolume({ source, target, isWritable }: RunSettings["volumes"][number]): Promise<void> {
    const stats = await stat(source).catch((error: unknown) => {
      throw new InputError(`Cannot mount "${source}" for commands: ${messageOf(error)}`, { cause: error });
    });
    const isFolder = stats.isDirectory();
    this.mounts.push({ kind: "bind", source, target: this.#resolve(target), isFolder, isWritable });
  }

  async add(ctx: Context, { mount, place }: PlacedMount): Promise<void> {
    switch (mount.type) {
      case "tmpfs":
        return this.#addMemory(mount, place);
      case "bind":
        return this.#addBind(ctx, mount, place);
      case "cache":
        return this.#addCache(ctx, mount, place);
      case "secret":
        return this.#addSecret(mount, place);
      case "ssh":
        return this.#addAgent(ctx, mount, place);
      default:
        return assertNever(mount);
    }
  }

  #addMemory({ target, sizeBytes }: TmpfsMount, place: Place): void {
    const options = ["mode=1777", "nosuid", "nodev", ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`])];
    const inside = atPlace(place, () => this.#resolve(target));
    this.mounts.push({ kind: "tmpfs", target: inside, options: options.join(",") });
  }

  async #addText(target: string, text: string): Promise<void> {
    const source = join(this.#surroundings.folder, posix.basename(target));
    await writeFile(source, text, { mode: 0o644 });
    const access = { mode: 0o644, uid: 0, gid: 0 };
    this.mounts.push({
      kind: "bind",
      source,
      target: this.#resolve(target),
      isFolder: false,
      isWritable: true,
      access,
    });
  }

  async #addBind(ctx: Context, mount: BindMount, place: Place): Promise<void> {
    const target = atPlace(place, () => this.#resolve(mount.target));
    const tree = await this.#surroundings.openFrom(mount.from, place);
    const found = atPlace(place, () => findBindSource(tree, mount.source));
    const folder = join(this.#surroundings.folder, `bind-${this.mounts.length}`);
    const source = await writeBindSource(ctx, found, { ...this.#surroundings, folder });
    const isFolder = found.fileName === undefined;
    this.mounts.push({ kind: "bind", source, target, isFolder, isWritable: mount.isWritable });
  }

  async #addCache(ctx: Context, mount: CacheMount, place: Place): Promise<void> {
    const { store, namespace, resources, openFrom } = this.#surroundings;
    const target = atPlace(place, () => this.#resolve(mount.target));
    const cache = await openCacheFolder(ctx, mount, { storeRoot: store.root, namespace, locks: resources });
    if (cache.isNew && mount.from !== undefined) {
      const tree = await openFrom(mount.from, place);
      const found = atPlace(place, () => findBindSource(tree, mount.source));
      await writeBindSource(ctx, found, { folder: cache.path, namespace });
    }
    const { mode, uid, gid, isWritable } = mount;
    const access = cache.isNew ? { mode, uid, gid } : undefined;
    this.mounts.push({ kind: "bind", source: cache.path, target, isFolder: true, isWritable, access });
  }

  async #addSecret({ id, target, variable, isRequired, ...access }: SecretMount, place: Place): Promise<void> {
    const secret = this.#surroundings.settings.secrets.get(id);
    if (!secret) {
      if (isRequired) throw missing(place, `the secret "${id}"`, `--secret id=${id},src=FILE`);
      return;
    }
    const { mode, uid, gid } = access;
    this.secrets.push({ content: await readSecret(id, secret), access: { mode, uid, gid }, variable });
    if (target === undefined) return;
    const source = secretPath(this.secrets.length - 1);
    const inside = atPlace(place, () => this.#resolve(target));
    this.mounts.push({ kind: "bind", source, target: inside, isFolder: false, isWritable: true });
  }

  async #addAgent(ctx: Context, { id, target, isRequired, mode, uid, gid }: SshMount, place: Place): Promise<void> {
    const paths = this.#surroundings.settings.agents.get(id);
    if (!paths) {
      if (isRequired) throw missing(place, `the SSH agent "${id}"`, `--ssh ${id}`);
      return;
    }
    const { resources } = this.#surroundings;
    // A socket's path must be short, which that of the store need not be.
    const folder = await mkdtemp(join(tmpdir(), "sealos-ssh-"));
    resources.defer(() => rm(folder, { recursive: true, force: true }));
    const source = join(folder, "agent");
    await openAgentSocket(ctx, paths, { path: source, resources });
    const named = target ?? `/run/buildkit/ssh_agent.${this.mounts.length}`;
    const access = { mode, uid, gid };
    const inside = atPlace(place, () => this.#resolve(named));
    this.mounts.push({ kind: "bind", source, target: inside, isFolder: false, isWritable: true, access });
    if (!this.environment.has("SSH_AUTH_SOCK")) this.environment.set("SSH_AUTH_SOCK", posix.resolve("/", inside));
  }

  #resolve(target: string): string {
    const { tree, workingDirectory } = this.#surroundings;
    return resolvePath(tree, posix.resolve("/", workingDirectory, target)).path;
  }
}

async function readSecret(id: string, secret: SecretSource): Promise<Uint8Array> {
  const content = secret.kind === "value" ? Buffer.from(secret.value.reveal()) : await readSecretFile(id, secret.path);
  if (content.byteLength <= SECRET_LIMIT_BYTES) return content;
  throw new InputError(`Cannot use secret "${id}": it has more than ${SECRET_LIMIT_BYTES} bytes`);
}

async function readSecretFile(id: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw new InputError(`Cannot read secret "${id}": ${messageOf(error)}`, { cause: error });
  }
}

function missing(place: Place, what: string, flag: string): Error {
  return problemAt(place, {
    code: "MISSING_ARGUMENT",
    message: `The command needs ${what}, which is not given`,
    hint: `Give it with ${flag}`,
  });
}
