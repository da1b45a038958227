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
  "cert-dir": { type: "string", value: "DIR", help: "Folder with CA certificates (*.crt) of the registry" },
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
}

export const DEFAULT_REGISTRY_OPTIONS: RegistryOptions = {
  "tls-verify": true,
  authfile: undefined,
  creds: undefined,
  "cert-dir": undefined,
};
