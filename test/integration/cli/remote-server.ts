import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createServer, type Server } from "node:http";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Files at paths of a web server on loopback, and a count of what was asked for. */
export class FileServer implements AsyncDisposable {
  readonly requests: readonly string[];
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, { port, requests }: { port: number; requests: readonly string[] }) {
    this.#server = server;
    this.requests = requests;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(files: Readonly<Record<string, string | Uint8Array>>): Promise<FileServer> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const requests: string[] = [];
    const server = createServer(({ url = "" }, response) => {
      requests.push(url);
      const content = files[url.slice(1).split("?")[0] ?? ""];
      if (content === undefined) response.writeHead(404).end();
      else response.writeHead(200, { "content-length": Buffer.byteLength(content) }).end(content);
    });
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
    return new FileServer(server, { port: await promise, requests });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }
}

/** A repository on loopback, served by `git daemon`. */
export class GitServer implements AsyncDisposable {
  readonly url: string;
  readonly #daemon: ChildProcess;
  readonly #repository: string;

  private constructor(repository: string, { daemon, port }: { daemon: ChildProcess; port: number }) {
    this.#repository = repository;
    this.#daemon = daemon;
    this.url = `git://127.0.0.1:${port}/repository`;
  }

  /** Makes `FOLDER/repository` with a first commit of the files, tagged `v1`. */
  static async start(folder: string, files: Readonly<Record<string, string>>): Promise<GitServer> {
    const repository = join(folder, "repository");
    mkdirSync(repository, { recursive: true });
    git(repository, "init", "--quiet", "--initial-branch=main");
    commit(repository, files);
    git(repository, "tag", "-a", "-m", "first", "v1");
    const started = await startDaemon(folder);
    return new GitServer(repository, started);
  }

  /** @returns the commit's hash */
  commit(files: Readonly<Record<string, string>>): string {
    return commit(this.#repository, files);
  }

  head(revision = "HEAD"): string {
    return git(this.#repository, "rev-parse", `${revision}^{commit}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#daemon.exitCode !== null || this.#daemon.signalCode !== null) return;
    this.#daemon.once("exit", () => resolve());
    this.#daemon.kill("SIGKILL");
    await promise;
  }
}

async function startDaemon(folder: string): Promise<{ daemon: ChildProcess; port: number }> {
  const port = await freePort();
  const exec = execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim();
  const daemon = spawn(
    join(exec, "git-daemon"),
    ["--verbose", "--export-all", "--reuseaddr", "--listen=127.0.0.1", `--port=${port}`, `--base-path=${folder}`],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  daemon.once("exit", (code) => reject(new Error(`git-daemon exited with ${code}`)));
  daemon.stderr?.on("data", (text: Buffer) => text.includes("Ready") && resolve());
  await promise;
  daemon.removeAllListeners("exit");
  return { daemon, port };
}

async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
  });
  return promise;
}

function commit(repository: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
  }
  git(repository, "add", ".");
  git(repository, "commit", "--quiet", "-m", "change");
  return git(repository, "rev-parse", "HEAD");
}

function git(repository: string, ...given: readonly string[]): string {
  const env = {
    ...process.env,
    GIT_AUTHOR_NAME: "t",
    GIT_AUTHOR_EMAIL: "t@example.com",
    GIT_COMMITTER_NAME: "t",
    GIT_COMMITTER_EMAIL: "t@example.com",
    GIT_CONFIG_GLOBAL: "/dev/null",
  };
  return execFileSync("git", ["-C", repository, ...given], { env, encoding: "utf8" }).trim();
}
