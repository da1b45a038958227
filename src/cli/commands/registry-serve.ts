import { serveFolder } from "../../actions/serve-folder.ts";
import { UsageError } from "../../base/error.ts";
import { defineCommand } from "../define-command.ts";

export const serveFilesystem = defineCommand({
  description: [
    "Serves a folder in the layout of the distribution registry, such as registry/ of a cluster image, until Ctrl-C.",
    "The address is shown when it is ready. Only this machine can reach it unless --host says otherwise.",
  ].join("\n"),
  examples: [
    "sealos registry serve filesystem ./registry -p 5000",
    "sealos registry serve filesystem ./registry -p 5000 --host 0.0.0.0 --htpasswd users --tls-cert a.crt --tls-key a.key",
  ],
  args: ["folder"],
  flags: {
    port: { type: "integer", short: "p", value: "PORT", default: 0, help: "Where to listen; 0 takes a free port" },
    host: { type: "string", value: "ADDRESS", default: "127.0.0.1", help: "Address to listen on; 0.0.0.0 for all" },
    "tls-cert": { type: "string", value: "FILE", help: "Certificate chain (PEM)" },
    "tls-key": { type: "string", value: "FILE", help: "Private key of the certificate (PEM)" },
    htpasswd: { type: "string", value: "FILE", help: "Let only these users in (bcrypt hashes)" },
    "read-only": { type: "boolean", help: "Refuse everything that changes the content" },
    "pid-file": { type: "string", value: "FILE", help: "Write the process ID here while the server runs" },
    "disable-logging": { type: "boolean", hidden: true, ignored: true, help: "Requests are shown with --debug only" },
    "log-level": { type: "string", hidden: true, ignored: true, help: "Requests are shown with --debug only" },
  },
  output: "events",
  async run(ctx, { args, flags }) {
    await serveFolder(ctx, {
      folder: args.folder,
      host: flags.host,
      port: requirePort(flags.port),
      tls: toTls(flags["tls-cert"], flags["tls-key"]),
      htpasswdFile: flags.htpasswd,
      isReadOnly: flags["read-only"],
      pidFile: flags["pid-file"],
    });
    return { folder: args.folder };
  },
  render: () => "",
});

function requirePort(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UsageError(`Cannot listen on port ${port}: expected 0 to 65535`);
}

function toTls(certificateFile: string | undefined, keyFile: string | undefined) {
  if (certificateFile === undefined && keyFile === undefined) return undefined;
  if (certificateFile !== undefined && keyFile !== undefined) return { certificateFile, keyFile };
  throw new UsageError("Cannot serve TLS with half of a key pair", { hint: "Give both --tls-cert and --tls-key" });
}
