import { readFile, rm } from "node:fs/promises";

import { writeFileAtomic } from "../base/atomic-file.ts";
import { runTask, type Context } from "../base/context.ts";
import { InputError, messageOf, systemCode } from "../base/error.ts";
import { Secret } from "../base/secret.ts";
import { requireLogin } from "../registry/server/login.ts";
import { serveRegistry, type ServedRequest, type ServeOptions } from "../registry/server/node-adapter.ts";
import { createRegistry, type RegistryHandler } from "../registry/server/registry.ts";
import { RegistryFolder } from "../registry/storage/filesystem.ts";

export interface ServeFolderRequest {
  /** In the layout of the distribution registry; made by the first push. */
  readonly folder: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string } | undefined;
  /** Only those in this file may do anything. */
  readonly htpasswdFile?: string | undefined;
  readonly isReadOnly: boolean;
  /** Holds the process ID while the server runs. */
  readonly pidFile?: string | undefined;
}

/**
 * Serves a folder as a registry until `ctx` ends, which is no failure. The address is the title of the task.
 * @throws {InputError} when a file cannot be read or the port is not to be had.
 */
export async function serveFolder(ctx: Context, request: ServeFolderRequest): Promise<void> {
  const handler = await createHandler(request);
  const tls = await readTls(request);
  let shown = ctx.progress;
  const options = {
    host: request.host,
    port: request.port,
    report: (answer: ServedRequest) => shown.output(renderAnswer(answer)),
  };
  const server = await listen(ctx, handler, { ...options, ...(tls && { tls }) });
  try {
    if (request.pidFile !== undefined) await writeFileAtomic(request.pidFile, `${process.pid}\n`);
    const address = `${tls ? "https" : "http"}://${authorityOf(request.host, server.port)}`;
    await runTask(ctx, `Serve ${request.folder} at ${address}`, async ({ progress, signal }) => {
      shown = progress;
      await ended(signal);
    });
  } finally {
    await server.close();
    if (request.pidFile !== undefined) await rm(request.pidFile, { force: true });
  }
}

async function createHandler({ folder, isReadOnly, htpasswdFile }: ServeFolderRequest): Promise<RegistryHandler> {
  const handler = createRegistry(new RegistryFolder(folder), { isReadOnly });
  return htpasswdFile === undefined ? handler : requireLogin(handler, await readText(htpasswdFile));
}

async function readTls({ tls }: ServeFolderRequest): Promise<ServeOptions["tls"]> {
  if (!tls) return undefined;
  return { certificate: await readText(tls.certificateFile), privateKey: new Secret(await readText(tls.keyFile)) };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new InputError(`Cannot read "${path}": ${messageOf(error)}`, { cause: error });
  }
}

async function listen(ctx: Context, handler: RegistryHandler, options: ServeOptions) {
  try {
    return await serveRegistry(ctx, handler, options);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw new InputError(`Cannot serve at "${options.host}:${options.port}": ${messageOf(error)}`, {
      cause: error,
      hint: "Choose another address with --host and --port, and check the certificate and its key",
    });
  }
}

function authorityOf(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function renderAnswer({ method, path, status, error }: ServedRequest): string {
  return `${method} ${path} ${status}${error === undefined ? "" : `: ${messageOf(error)}`}`;
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
