import { KnownError, systemCode, type ErrorDetails } from "../../base/error.ts";
import { OfflineRefusal } from "./http.ts";

export interface RegistryErrorDetails extends ErrorDetails {
  /** HTTP status, where there was an answer. */
  readonly status?: number | undefined;
  /** True when the same request may succeed later. */
  readonly isTransient?: boolean;
  /** How long the registry asks to wait. */
  readonly retryAfterMs?: number | undefined;
}

/** A registry cannot be reached or does not do what it was asked. */
export class RegistryError extends KnownError {
  readonly status: number | undefined;
  readonly isTransient: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: `REGISTRY_${string}`, message: string, details: RegistryErrorDetails = {}) {
    super(code, message, details);
    this.status = details.status;
    this.isTransient = details.isTransient ?? false;
    this.retryAfterMs = details.retryAfterMs;
  }
}

const CERTIFICATE_CODE = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA)/;

/** The connection to a registry failed. */
export class UnreachableError extends RegistryError {
  /** True when there is a connection, but to somebody whose certificate is not trusted. */
  readonly isUntrusted: boolean;

  constructor(message: string, { isUntrusted, ...details }: RegistryErrorDetails & { readonly isUntrusted: boolean }) {
    super("REGISTRY_UNREACHABLE", message, details);
    this.isUntrusted = isUntrusted;
  }
}

/** The failure of a connection as a failure to do `purpose`, for instance `pull "docker.io/library/nginx:1"`. */
export function unreachable(purpose: string, url: URL, cause: unknown): UnreachableError {
  if (cause instanceof OfflineRefusal) return offline(purpose, url);
  const code = systemCode(cause) ?? "";
  const isUntrusted = CERTIFICATE_CODE.test(code);
  const reason = describe(cause, code);
  return new UnreachableError(`Cannot ${purpose}: no connection to "${url.host}": ${reason}`, {
    cause,
    isUntrusted,
    isTransient: !isUntrusted && code !== "ENOTFOUND" && !isProtocolCode(code),
    hint: hintFor(url, { isUntrusted, code }),
  });
}

function offline(purpose: string, { host }: URL): UnreachableError {
  return new UnreachableError(`Cannot ${purpose}: "${host}" is not asked while offline`, {
    isUntrusted: false,
    hint: "Bring it into the store first, with `sealos load`; or run without --offline and SEALOS_OFFLINE",
  });
}

function hintFor({ host }: URL, { isUntrusted, code }: { isUntrusted: boolean; code: string }): string {
  if (isUntrusted) {
    return `Put the authority that signed its certificate into certs.d/${host}/ca.crt, or name its folder with --cert-dir`;
  }
  if (isProtocolCode(code)) return `Allow plain HTTP with --tls-verify=false if ${host} is on a network that you trust`;
  return `Check the name ${host} and that this machine reaches it`;
}

function isProtocolCode(code: string): boolean {
  return code === "EPROTO" || code.startsWith("ERR_SSL");
}

function describe(cause: unknown, code: string): string {
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ENOTFOUND") return "its name is not known";
  if (isProtocolCode(code)) return "it does not speak TLS";
  // Node joins the failures of several addresses into one error without a message.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  return first instanceof Error && first.message !== "" ? first.message : code;
}
