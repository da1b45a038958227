import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { command, shell } from "../../../src/hosts/command.ts";
import { Secret } from "../../../src/base/secret.ts";
import type { SshLogin } from "../../../src/hosts/ssh-login.ts";
import { sshTransport, type SshTransportOptions } from "../../../src/hosts/ssh-transport.ts";
import type { Transport } from "../../../src/hosts/transport.ts";
import { commandLines, until } from "./processes.ts";
import { PASSPHRASE, startSshServer, type SshServer } from "./sshd.ts";
import { createTestUser, type TestUser } from "./test-user.ts";

const ctx = backgroundContext();
const whoami = command(["id", "-un"]);

let server: SshServer;
let runFolder: string;
let opened: Transport[] = [];
let started: SshServer[] = [];

beforeAll(async () => {
  server = await startSshServer();
  runFolder = join(server.folder, "run");
  mkdirSync(runFolder);
});
afterAll(async () => {
  await server?.close();
});
afterEach(async () => {
  await Promise.all(opened.map((transport) => transport.close()));
  await Promise.all(started.map((other) => other.close()));
  opened = [];
  started = [];
});

/** A server for one test. */
async function startServer(settings: readonly string[] = []): Promise<SshServer> {
  const other = await startSshServer(settings);
  started.push(other);
  return other;
}

function open(login: Partial<SshLogin> = {}, options: Partial<SshTransportOptions> = {}): Transport {
  const transport = sshTransport(
    { address: "127.0.0.1", port: server.port, user: "root", ...login },
    { knownHostsFile: server.knownHostsFile, runFolder, ...options },
  );
  opened.push(transport);
  return transport;
}

function byKey(options: Partial<SshTransportOptions> = {}): Transport {
  return open({ privateKeyFile: server.keyFile }, options);
}

function isRunning(words: string): boolean {
  return commandLines().some(({ text }) => text === words);
}

describe("keys", () => {
  test("sshTransport() logs in with a key file", async () => {
    expect((await byKey().query(ctx, whoami)).stdout).toBe("root\n");
  });

  test("sshTransport() logs in with an encrypted key and its passphrase", async () => {
    const transport = open({ privateKeyFile: server.encryptedKeyFile, passphrase: new Secret(PASSPHRASE) });
    expect((await transport.query(ctx, whoami)).stdout).toBe("root\n");
  });

  test("sshTransport() refuses a wrong passphrase at once", async () => {
    const transport = open({ privateKeyFile: server.encryptedKeyFile, passphrase: new Secret("wrong") });
    await expect(transport.query(ctx, whoami)).rejects.toMatchObject({ code: "SSH_AUTH" });
  });

  test("sshTransport() logs in with a key given as text, and leaves no file of it", async () => {
    const transport = open({ privateKey: new Secret(readFileSync(server.keyFile, "utf8")) });
    expect((await transport.query(ctx, whoami)).stdout).toBe("root\n");
    const [folder = ""] = readdirSync(runFolder);
    expect(readdirSync(join(runFolder, folder))).toEqual(["1.socket"]);
  });

  test("sshTransport() says that a key file is not there", async () => {
    const transport = open({ privateKeyFile: "/no/such/key" });
    const error = { code: "SSH_AUTH", message: expect.stringContaining('no private key at "/no/such/key"') };
    await expect(transport.query(ctx, whoami)).rejects.toMatchObject(error);
  });
});

describe("users, passwords and sudo", () => {
  let user: TestUser;

  beforeAll(() => {
    user = createTestUser();
  });
  afterAll(() => {
    user?.remove();
  });

  function asUser(password: string | undefined, login: Partial<SshLogin> = {}): Transport {
    return open({ user: user.name, password: password === undefined ? undefined : new Secret(password), ...login });
  }

  test.each(["!use_pty", "use_pty"])("sshTransport() becomes root by password with sudo's %s", async (defaults) => {
    user.allowSudo("password", defaults);
    const transport = asUser(user.password);
    expect((await transport.query(ctx, whoami)).stdout).toBe("root\n");
    expect((await transport.run(ctx, command(["cat"], { stdin: "content" }))).stdout).toBe("content");
    const sent = await transport.send(
      ctx,
      command(["wc", "-c"]),
      (async function* () {
        yield randomBytes(3_000_000);
      })(),
    );
    expect(sent.stdout).toBe("3000000\n");
    await expect(transport.run(ctx, shell("exit 255"))).rejects.toMatchObject({ failure: { exitCode: 255 } });
  });

  test.each(["!use_pty", "use_pty"])("sshTransport() ends a cancelled command with sudo's %s", async (defaults) => {
    user.allowSudo("password", defaults);
    const abort = new AbortController();
    const running = asUser(user.password).run({ ...ctx, signal: abort.signal }, shell("sleep 7272 & sleep 7273"));
    await until(() => isRunning("sleep 7272") && isRunning("sleep 7273"));
    abort.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    await until(() => !isRunning("sleep 7272") && !isRunning("sleep 7273"));
  });

  test("sshTransport() becomes root without a password where sudo wants none", async () => {
    user.allowSudo("nopasswd");
    expect((await asUser(user.password).query(ctx, whoami)).stdout).toBe("root\n");
    const byKeyOnly = asUser(undefined, { privateKeyFile: server.keyFile });
    expect((await byKeyOnly.query(ctx, whoami)).stdout).toBe("root\n");
    const range = { path: "/proc/self/exe", offset: 0, length: 1000 };
    expect((await byKeyOnly.send(ctx, command(["wc", "-c"]), range)).stdout).toBe("1000\n");
  });

  test("sshTransport() says who may not become root", async () => {
    user.allowSudo("none");
    await expect(asUser(user.password).query(ctx, whoami)).rejects.toMatchObject({
      code: "SSH_AUTH",
      message: expect.stringContaining(`Cannot become root on "${user.name}@127.0.0.1:${server.port}": `),
    });
    user.allowSudo("password");
    const byKeyOnly = asUser(undefined, { privateKeyFile: server.keyFile });
    await expect(byKeyOnly.query(ctx, whoami)).rejects.toThrow("a password is required");
  });

  test("sshTransport() refuses a wrong password at once, naming the login", async () => {
    const start = performance.now();
    const failed = asUser("wrong").query(ctx, whoami);
    await expect(failed).rejects.toMatchObject({
      code: "SSH_AUTH",
      message: expect.stringContaining(`Cannot log in to "${user.name}@127.0.0.1:${server.port}": `),
      hint: "Check the user and the password",
    });
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test("sshTransport() answers a server that asks for the password in its own words", async () => {
    const asking = await startServer(["UsePAM yes", "PasswordAuthentication no", "KbdInteractiveAuthentication yes"]);
    user.allowSudo("password");
    expect((await asUser(user.password, { port: asking.port }).query(ctx, whoami)).stdout).toBe("root\n");
  });

  test("sshTransport() says that a login takes no commands", async () => {
    const forced = await startServer(["ForceCommand echo Only for people; exit 1"]);
    const failed = open({ port: forced.port, privateKeyFile: forced.keyFile }).query(ctx, whoami);
    await expect(failed).rejects.toMatchObject({
      code: "SSH_AUTH",
      message: `Cannot log in to "root@127.0.0.1:${forced.port}": Only for people`,
    });
  });

  test("sshTransport() keeps passwords out of arguments, environments and files", async () => {
    user.allowSudo("password");
    const seen: string[] = [];
    const transport = asUser(user.password);
    let isConnecting = true;
    const watching = until(() => {
      seen.push(...commandLines().flatMap(({ pid, text }) => [text, environmentOf(pid)]));
      return !isConnecting;
    }, 30_000);
    await transport.query(ctx, whoami);
    isConnecting = false;
    await watching;
    expect(seen.some((text) => text.includes("SSH_ASKPASS"))).toBe(true);
    expect(seen.filter((text) => text.includes(user.password))).toEqual([]);
    const files = readdirSync(runFolder, { recursive: true, encoding: "utf8" });
    expect(files.filter((name) => !/^sealos-\w+(\/1\.socket)?$/.test(name))).toEqual([]);
  });
});

describe("host keys", () => {
  let changing: SshServer;

  beforeEach(async () => {
    changing = await startServer();
  });

  function login(): Transport {
    return open({ port: changing.port, privateKeyFile: changing.keyFile }, { knownHostsFile: changing.knownHostsFile });
  }

  test("sshTransport() records a host key on first use", async () => {
    await login().query(ctx, whoami);
    expect(readFileSync(changing.knownHostsFile, "utf8")).toContain(`[127.0.0.1]:${changing.port} ssh-ed25519 `);
  });

  test("sshTransport() refuses a host key that has changed, with both fingerprints and the remedy", async () => {
    const before = login();
    await before.query(ctx, whoami);
    await before.close();
    await changing.renewHostKey();
    await changing.stop();
    await changing.start();
    await expect(login().query(ctx, whoami)).rejects.toMatchObject({
      code: "SSH_HOST_KEY",
      message: expect.stringMatching(/it sent the host key SHA256:\S{43}, expected SHA256:\S{43} from .*hosts:1$/),
      hint: expect.stringContaining(`ssh-keygen -R '[127.0.0.1]:${changing.port}' -f ${changing.knownHostsFile}`),
    });
  });
});

describe("connections", () => {
  test("sshTransport() shares one connection for commands and one for content", async () => {
    const transport = byKey();
    await Promise.all(Array.from({ length: 12 }, () => transport.query(ctx, whoami)));
    expect(server.connections()).toHaveLength(1);
    const range = { path: server.keyFile, offset: 0, length: 10 };
    await Promise.all([1, 2, 3].map(() => transport.send(ctx, command(["cat"]), range)));
    expect(server.connections()).toHaveLength(2);
  });

  test("run() fails when its connection breaks, the command ends, and the next call connects again", async () => {
    const transport = byKey();
    const running = transport.run(ctx, shell("sleep 7373"));
    await until(() => isRunning("sleep 7373"));
    for (const pid of server.connections()) process.kill(pid, "SIGKILL");
    await expect(running).rejects.toMatchObject({
      code: "SSH_UNREACHABLE",
      message: expect.stringContaining("Lost the connection to"),
    });
    await until(() => !isRunning("sleep 7373"));
    expect((await transport.query(ctx, whoami)).stdout).toBe("root\n");
  });

  test("send() fails when its connection breaks", async () => {
    let isCut = false;
    const sending = byKey().send(ctx, shell("cat >/dev/null"), endless(), (size) => {
      if (size < 20_000_000 || isCut) return;
      isCut = true;
      for (const pid of server.connections()) process.kill(pid, "SIGKILL");
    });
    await expect(sending).rejects.toMatchObject({ code: "SSH_UNREACHABLE" });
  });

  test("query() fails at once when the server is gone, and works when it is back", async () => {
    const transport = byKey();
    await transport.query(ctx, whoami);
    await server.stop();
    await until(async () => (await transport.query(ctx, whoami).catch((error: Error) => error.message)) !== undefined);
    await expect(transport.query(ctx, whoami)).rejects.toMatchObject({
      code: "SSH_UNREACHABLE",
      message: expect.stringContaining("Connection refused"),
    });
    await server.start();
    expect((await transport.query(ctx, whoami)).stdout).toBe("root\n");
  });

  test("query() fails within the time for connecting when a host does not answer", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const start = performance.now();
    const failed = open({ port, privateKeyFile: server.keyFile }, { connectTimeoutMs: 1000 }).query(ctx, whoami);
    await expect(failed).rejects.toMatchObject({ code: "SSH_UNREACHABLE" });
    expect(performance.now() - start).toBeLessThan(4000);
    silent.close();
  });

  test("query() can be cancelled while it connects", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const abort = new AbortController();
    const transport = open({ port, privateKeyFile: server.keyFile });
    const connecting = transport.query({ ...ctx, signal: abort.signal }, whoami);
    setImmediate(() => abort.abort(new Error("enough")));
    await expect(connecting).rejects.toThrow("enough");
    await transport.close();
    silent.close();
  });

  test("query() says when the server allows no further session", async () => {
    const strict = await startServer(["MaxSessions 1"]);
    const transport = open({ port: strict.port, privateKeyFile: strict.keyFile });
    await expect(transport.query(ctx, whoami)).rejects.toThrow(/session/i);
  });

  test("close() ends the connections and removes its files", async () => {
    const transport = byKey();
    await transport.query(ctx, whoami);
    await transport.close();
    await until(() => server.connections().length === 0);
    expect(readdirSync(runFolder)).toEqual([]);
    await expect(transport.query(ctx, whoami)).rejects.toThrow("is closed");
  });
});

async function* endless(): AsyncIterable<Uint8Array> {
  const chunk = randomBytes(1_000_000);
  for (;;) yield chunk;
}

function environmentOf(pid: number): string {
  try {
    return pid === process.pid ? "" : readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return ""; // it has ended meanwhile
  }
}
