import { serveRegistry, type RegistryContent, type TlsFiles } from "../../actions/serve-registry.ts";
import type { Context } from "../../base/context.ts";
import { UsageError } from "../../base/error.ts";
import { defineCommand } from "../define-command.ts";
import type { Environment } from "../environment.ts";
import type { FlagSpecs, FlagValues } from "../flag.ts";
import { MIRROR_FLAGS, parseUpstreams } from "../mirror-flags.ts";
import { openRegistries } from "../open-registries.ts";
import { REGISTRY_FLAGS } from "../registry-flags.ts";
import { parseSizeFlag } from "../size-flag.ts";

const SERVE_FLAGS = {
  port: { type: "integer", short: "p", value: "PORT", default: 0, help: "Where to listen; 0 takes a free port" },
  host: { type: "string", value: "ADDRESS", default: "127.0.0.1", help: "Address to listen on; 0.0.0.0 for all" },
  "tls-cert": { type: "string", value: "FILE", help: "Certificate chain (PEM)" },
  "tls-key": { type: "string", value: "FILE", help: "Private key of the certificate (PEM)" },
  "client-ca": { type: "string", value: "FILE", help: "Let only clients in that have a certificate of these (PEM)" },
  htpasswd: {
    type: "string",
    value: "FILE",
    help: "Let only these users in (bcrypt hashes); read again when it changes",
  },
  "read-only": { type: "boolean", help: "Refuse everything that changes the content" },
  ...MIRROR_FLAGS,
  ...REGISTRY_FLAGS,
  "access-log": { type: "string", value: "FILE", help: "Append a line for each request (combined log format)" },
  "pid-file": { type: "string", value: "FILE", help: "Write the process ID here while the server runs" },
  "disable-logging": { type: "boolean", hidden: true, ignored: true, help: "Requests are shown with --debug only" },
} as const satisfies FlagSpecs;

const MIRROR_EXAMPLE = "--upstream docker.io --upstream quay.io --upstream registry.k8s.io";

export const serveFilesystem = defineCommand({
  description: [
    "Serves a folder in the layout of the distribution registry, such as registry/ of a cluster image, until Ctrl-C.",
    "The address is shown when it is ready. Only this machine can reach it unless --host says otherwise.",
    "",
    "With --upstream it is a pull-through mirror: what is asked for is fetched once and kept in the folder. The login at",
    "an upstream is the stored one; whoever may use the mirror may then pull what that login may pull.",
  ].join("\n"),
  examples: [
    "sealos registry serve filesystem ./registry -p 5000",
    "sealos registry serve filesystem ./registry -p 5000 --host 0.0.0.0 --htpasswd users --tls-cert a.crt --tls-key a.key",
    `sealos registry serve filesystem /srv/mirror -p 5000 --host 0.0.0.0 ${MIRROR_EXAMPLE}`,
  ],
  args: ["folder"],
  flags: SERVE_FLAGS,
  output: "events",
  async run(ctx, { args, flags, environment }) {
    await serve(ctx, { content: { kind: "folder", folder: args.folder }, flags, environment });
    return { folder: args.folder };
  },
  render: () => "",
});

export const serveInMemory = defineCommand({
  description: [
    "Serves a registry that keeps everything in memory, until Ctrl-C: for tests, and for handing images on. The port is",
    "that of --port, else of the variable PORT, else a free one; the address is shown.",
  ].join("\n"),
  examples: ["sealos registry serve inmem -p 5000", "PORT=5000 sealos registry serve inmem --memory-limit 2GiB"],
  flags: {
    "memory-limit": { type: "string", value: "SIZE", default: "512MiB", help: "How much content it takes" },
    ...SERVE_FLAGS,
  },
  output: "events",
  async run(ctx, { flags, environment }) {
    const limitBytes = parseSizeFlag("memory-limit", flags["memory-limit"]);
    const port = flags.port === 0 ? Number(environment.settings.variables["PORT"] || 0) : flags.port;
    await serve(ctx, { content: { kind: "memory", limitBytes }, flags: { ...flags, port }, environment });
    return { limitBytes };
  },
  render: () => "",
});

async function serve(
  ctx: Context,
  {
    content,
    flags,
    environment,
  }: { content: RegistryContent; flags: FlagValues<typeof SERVE_FLAGS>; environment: Environment },
): Promise<void> {
  const registries = await openRegistries(flags, environment.settings);
  environment.closeAtEnd(registries);
  await serveRegistry(ctx, {
    content,
    host: flags.host,
    port: requirePort(flags.port),
    tls: toTls(flags),
    htpasswdFile: flags.htpasswd,
    isReadOnly: flags["read-only"],
    mirrored: parseUpstreams(flags.upstream, (name) => registries.openRegistry(name)),
    tagTtlMs: requireSeconds(flags["tag-ttl"]) * 1000,
    pidFile: flags["pid-file"],
    accessLog: flags["access-log"],
    now: environment.now,
  });
}

function requirePort(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UsageError(`Cannot listen on port ${port}: expected 0 to 65535`);
}

function requireSeconds(seconds: number): number {
  if (seconds >= 0) return seconds;
  throw new UsageError(`Cannot use --tag-ttl ${seconds}: expected 0 or more seconds`);
}

function toTls(flags: FlagValues<typeof SERVE_FLAGS>): TlsFiles | undefined {
  const { "tls-cert": certificateFile, "tls-key": keyFile, "client-ca": clientAuthorityFile } = flags;
  if (certificateFile !== undefined && keyFile !== undefined) return { certificateFile, keyFile, clientAuthorityFile };
  if (certificateFile === undefined && keyFile === undefined && clientAuthorityFile === undefined) return undefined;
  throw new UsageError("Cannot serve TLS with half of a key pair", { hint: "Give both --tls-cert and --tls-key" });
}
