import { createWriteStream, type WriteStream } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { once } from "node:events";

import { writeFileAtomic } from "../base/atomic-file.ts";
import { runTask, type Context } from "../base/context.ts";
import { assertNever, InputError, messageOf, systemCode } from "../base/error.ts";
import { Secret } from "../base/secret.ts";
import { createMirror } from "../registry/mirror/mirror.ts";
import type { MirroredRegistry } from "../registry/mirror/mirrored-name.ts";
import { renderAccess } from "../registry/server/access-log.ts";
import { openHtpasswdFile } from "../registry/server/htpasswd-file.ts";
import { requireLogin } from "../registry/server/login.ts";
import { serveRegistry as listen, type RegistryServer, type ServeOptions } from "../registry/server/node-adapter.ts";
import { createRegistry, type RegistryHandler } from "../registry/server/registry.ts";
import { RegistryFolder } from "../registry/storage/filesystem.ts";
import { MemoryRegistry } from "../registry/storage/memory.ts";
import type { RegistryStorage } from "../registry/storage/storage.ts";

/** Where the content of a registry is. */
export type RegistryContent =
  /** In the layout of the distribution registry; made by the first push. */
  | { readonly kind: "folder"; readonly folder: string }
  /** Gone when the server ends. */
  | { readonly kind: "memory"; readonly limitBytes: number };

export interface ServeRegistryRequest {
  readonly content: RegistryContent;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly tls?: TlsFiles | undefined;
  /** Only those in this file may do anything; it is read again when it changes. */
  readonly htpasswdFile?: string | undefined;
  readonly isReadOnly: boolean;
  /** What is not there is fetched from these and kept; nobody can push then. Empty: a registry of its own. */
  readonly mirrored: readonly MirroredRegistry[];
  /** How long a mirror takes a tag to mean what it meant. */
  readonly tagTtlMs: number;
  /** Holds the process ID while the server runs. */
  readonly pidFile?: string | undefined;
  /** Gets a line for each request, at its end. */
  readonly accessLog?: string | undefined;
  readonly now: () => Date;
}

export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Only clients with a certificate of one of these authorities may connect. */
  readonly clientAuthorityFile: string | undefined;
}

/** How long a push or pull may go on when the server is asked to end. */
const GRACE_MS = 10_000;

/**
 * Serves a registry until `ctx` ends, which is no failure; requests that run then may come to their end. The address is
 * the title of the task.
 * @throws {InputError} when a file cannot be read or the port is not to be had.
 */
export async function serveRegistry(ctx: Context, request: ServeRegistryRequest): Promise<void> {
  // Requests outlive `ctx` by the grace.
  const lifetime = new AbortController();
  let shown = ctx.progress;
  const say = (line: string): void => shown.output(line);
  const handler = await createHandler({ ...ctx, signal: lifetime.signal }, request, say);
  const tls = await readTls(request);
  await using log = await openAccessLog(request);
  const server = await open(ctx, handler, {
    host: request.host,
    port: request.port,
    graceMs: GRACE_MS,
    report(answer) {
      const { method, path, status, error } = answer;
      say(`${method} ${path} ${status}${error === undefined ? "" : `: ${messageOf(error)}`}`);
      log.write(`${renderAccess(answer, request.now())}\n`);
    },
    ...(tls && { tls }),
  });
  try {
    if (request.pidFile !== undefined) await writeFileAtomic(request.pidFile, `${process.pid}\n`);
    await runTask(ctx, titleOf(request, server), async ({ progress, signal }) => {
      shown = progress;
      await ended(signal);
    });
  } finally {
    await server.close();
    lifetime.abort(new Error("the server ends"));
    if (request.pidFile !== undefined) await rm(request.pidFile, { force: true });
  }
}

async function createHandler(
  ctx: Context,
  { content, isReadOnly, mirrored, tagTtlMs, htpasswdFile }: ServeRegistryRequest,
  warn: (message: string) => void,
): Promise<RegistryHandler> {
  const storage = openStorage(content);
  const handler =
    mirrored.length === 0
      ? createRegistry(storage, { isReadOnly })
      : createMirror(ctx, { storage, registries: mirrored, tagTtlMs, nowMs: () => performance.now(), warn });
  return htpasswdFile === undefined ? handler : requireLogin(handler, await openHtpasswdFile(htpasswdFile, { warn }));
}

function openStorage(content: RegistryContent): RegistryStorage {
  switch (content.kind) {
    case "folder":
      return new RegistryFolder(content.folder);
    case "memory":
      return new MemoryRegistry(content);
    default:
      return assertNever(content);
  }
}

async function readTls({ tls }: ServeRegistryRequest): Promise<ServeOptions["tls"]> {
  if (!tls) return undefined;
  const { certificateFile, keyFile, clientAuthorityFile } = tls;
  return {
    certificate: await readText(certificateFile),
    privateKey: new Secret(await readText(keyFile)),
    ...(clientAuthorityFile !== undefined && { clientAuthorities: await readText(clientAuthorityFile) }),
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new InputError(`Cannot read "${path}": ${messageOf(error)}`, { cause: error });
  }
}

interface AccessLog extends AsyncDisposable {
  write(line: string): void;
}

async function openAccessLog({ accessLog: path }: ServeRegistryRequest): Promise<AccessLog> {
  if (path === undefined) return { write: () => undefined, [Symbol.asyncDispose]: async () => undefined };
  const file = await openForAppending(path);
  return {
    write: (line) => void file.write(line),
    async [Symbol.asyncDispose]() {
      file.end();
      if (!file.closed) await once(file, "close");
    },
  };
}

async function openForAppending(path: string): Promise<WriteStream> {
  const file = createWriteStream(path, { flags: "a", mode: 0o640 });
  try {
    await once(file, "open");
  } catch (error) {
    throw new InputError(`Cannot write "${path}": ${messageOf(error)}`, { cause: error });
  }
  // A full disk must not end the registry.
  return file.on("error", () => undefined);
}

async function open(ctx: Context, handler: RegistryHandler, options: ServeOptions): Promise<RegistryServer> {
  try {
    return await listen(ctx, handler, options);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw new InputError(`Cannot serve at "${authorityOf(options)}": ${messageOf(error)}`, {
      cause: error,
      hint: "Choose another address with --host and --port, and check the certificate and its key",
    });
  }
}

function titleOf({ content, host, tls, mirrored }: ServeRegistryRequest, { port }: RegistryServer): string {
  const subject = content.kind === "folder" ? content.folder : "memory";
  const origins = mirrored.map(({ upstream: { name }, namespace }) =>
    namespace === undefined || namespace === name ? name : `${name} for ${namespace}`,
  );
  const address = `${tls ? "https" : "http"}://${authorityOf({ host, port })}`;
  return `Serve ${subject} at ${address}${origins.length === 0 ? "" : ` as a mirror of ${origins.join(", ")}`}`;
}

function authorityOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
