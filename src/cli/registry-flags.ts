import type { FlagSpecs } from "./flag.ts";

/** How registries are talked to; common to all commands that do. */
export const REGISTRY_FLAGS = {
  "tls-verify": {
    type: "boolean",
    default: true,
    help: "Require HTTPS and verify certificates; --tls-verify=false also allows plain HTTP",
  },
  authfile: { type: "string", value: "FILE", help: "File with registry credentials" },
  creds: { type: "string", value: "USER[:PASSWORD]", help: "Login at the registry, instead of a stored one" },
  "cert-dir": {
    type: "string",
    value: "DIR",
    help: "Folder with certificates for registries (*.crt, *.cert with *.key); default: certs.d",
  },
  offline: { type: "boolean", help: "Ask no registry and no other server" },
  "registries-conf": { type: "string", value: "FILE", help: "Read mirrors and short names from this registries.conf" },
  "registries-conf-dir": { type: "string", value: "DIR", hidden: true, help: "Folder of more such files" },
  retry: { type: "integer", hidden: true, ignored: true, help: "Transient failures are always tried again" },
  "retry-delay": { type: "string", hidden: true, ignored: true, help: "Delays grow by themselves" },
  "signature-policy": { type: "string", hidden: true, ignored: true, help: "Signatures are not verified" },
} as const satisfies FlagSpecs;

/** What {@link REGISTRY_FLAGS} come to. */
export interface RegistryOptions {
  readonly "tls-verify": boolean;
  readonly authfile: string | undefined;
  readonly creds: string | undefined;
  readonly "cert-dir": string | undefined;
  readonly offline: boolean;
  readonly "registries-conf": string | undefined;
  readonly "registries-conf-dir": string | undefined;
}

export const DEFAULT_REGISTRY_OPTIONS: RegistryOptions = {
  "tls-verify": true,
  authfile: undefined,
  creds: undefined,
  "cert-dir": undefined,
  offline: false,
  "registries-conf": undefined,
  "registries-conf-dir": undefined,
};
