import type { SshLogin } from "./ssh-login.ts";

export interface MasterOptions {
  /** Where commands find the connection. */
  readonly controlSocket: string;
  readonly knownHostsFile: string;
  readonly connectTimeoutMs: number;
  /** The private key of the login, if one was named. */
  readonly keyFile?: string | undefined;
  /** In order of preference; absent: OpenSSH's own. */
  readonly ciphers?: readonly string[] | undefined;
}

/** Hardware AES makes GCM twice as fast as what OpenSSH takes first. */
export const FAST_CIPHERS = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"];

/** The `ssh` that logs in and keeps the connection that others use; `shellText` runs as its own session. */
export function masterArgv(login: SshLogin, options: MasterOptions, shellText: string): [string, ...string[]] {
  const { port, user, address } = login;
  return [
    "ssh",
    "-M",
    "-T",
    "-S",
    percentEscaped(options.controlSocket),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(user === undefined ? [] : ["-l", user]),
    ...(options.ciphers === undefined ? [] : ["-c", options.ciphers.join(",")]),
    ...(options.keyFile === undefined ? [] : ["-i", percentEscaped(options.keyFile), "-o", "IdentitiesOnly=yes"]),
    ...renderOptions({ ...masterSettings(options), ...authenticationSettings(login, options.keyFile !== undefined) }),
    "--",
    address,
    shellText,
  ];
}

/**
 * The `ssh` that runs one command over the master's connection. No configuration file is read, and the proxy that
 * always fails keeps it from logging in by itself when the master is gone.
 */
export function sessionArgv(controlSocket: string, shellText: string): [string, ...string[]] {
  const settings = { ControlMaster: "no", ProxyCommand: "false", LogLevel: "ERROR" };
  const options = renderOptions(settings);
  return ["ssh", "-F", "none", "-T", "-S", percentEscaped(controlSocket), ...options, "--", "host", shellText];
}

function masterSettings({ knownHostsFile, connectTimeoutMs }: MasterOptions): Readonly<Record<string, string>> {
  return {
    ConnectTimeout: String(Math.max(1, Math.ceil(connectTimeoutMs / 1000))),
    ServerAliveInterval: "10",
    ServerAliveCountMax: "3",
    // Trust on first use; a key that has changed is refused.
    StrictHostKeyChecking: "accept-new",
    UserKnownHostsFile: `"${percentEscaped(knownHostsFile)}"`,
    HashKnownHosts: "no",
    UpdateHostKeys: "no",
    CheckHostIP: "no",
    // What a user's configuration may say about terminals and tunnels is not for us.
    ControlPersist: "no",
    RemoteCommand: "none",
    RequestTTY: "no",
    ClearAllForwardings: "yes",
    ForwardAgent: "no",
    ForwardX11: "no",
    PermitLocalCommand: "no",
    Compression: "no",
    LogLevel: "INFO",
  };
}

/** One try with each secret: a wrong one is a clear failure, not an endless question. */
function authenticationSettings({ password, passphrase }: SshLogin, hasKey: boolean): Record<string, string> {
  if (!password) return { NumberOfPasswordPrompts: "1", BatchMode: passphrase ? "no" : "yes" };
  const byPassword = "password,keyboard-interactive";
  return {
    NumberOfPasswordPrompts: "1",
    BatchMode: "no",
    PasswordAuthentication: "yes",
    KbdInteractiveAuthentication: "yes",
    PreferredAuthentications: hasKey ? `publickey,${byPassword}` : `${byPassword},publickey`,
  };
}

function renderOptions(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

/** OpenSSH expands `%h` and the like in paths. */
function percentEscaped(path: string): string {
  return path.replaceAll("%", "%%");
}
