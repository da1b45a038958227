import { flagsNamed, type FlagSpecs } from "./flag.ts";

/** They say how `helm install` treats a cluster. */
const IGNORED_BOOLEANS = [
  "atomic",
  "create-namespace",
  "devel",
  "disable-openapi-validation",
  "force",
  "hide-notes",
  "insecure-skip-tls-verify",
  "kube-insecure-skip-tls-verify",
  "pass-credentials",
  "plain-http",
  "render-subchart-notes",
  "replace",
  "take-ownership",
  "wait",
  "wait-for-jobs",
] as const;

const IGNORED_STRINGS = [
  "burst-limit",
  "ca-file",
  "cert-file",
  "description",
  "key-file",
  "keyring",
  "kube-apiserver",
  "kube-as-group",
  "kube-as-user",
  "kube-ca-file",
  "kube-context",
  "kube-tls-server-name",
  "kube-token",
  "kubeconfig",
  "password",
  "qps",
  "registry-config",
  "repository-cache",
  "repository-config",
  "timeout",
  "username",
  "version",
] as const;

const IGNORED = { hidden: true, ignored: true, help: "No cluster and no chart repository is asked" } as const;
const REFUSED = { hidden: true, help: "Not supported" } as const;
const PIPE_INSTEAD = "Pipe the result into the program";

/** Flags of `helm template` about clusters and chart repositories, none of which is asked here. */
export const HELM_FLAGS = {
  ...flagsNamed(IGNORED_BOOLEANS, { type: "boolean", ...IGNORED }),
  ...flagsNamed(IGNORED_STRINGS, { type: "string", ...IGNORED }),
  labels: { type: "string", short: "l", ...IGNORED },
  "dry-run": { type: "string", bare: "client", choices: ["client", "none", "true", "false"], ...IGNORED },
  validate: { type: "boolean", ...REFUSED, unsupported: "Check the result with `kubectl apply --dry-run=server -f -`" },
  "dependency-update": { type: "boolean", ...REFUSED, unsupported: "Fetch the charts first: `helm dependency update`" },
  "post-renderer": { type: "string", ...REFUSED, unsupported: PIPE_INSTEAD },
  "post-renderer-args": { type: "array", ...REFUSED, unsupported: PIPE_INSTEAD },
  repo: { type: "string", ...REFUSED, unsupported: "Fetch the chart first: `helm pull`" },
  verify: { type: "boolean", ...REFUSED, unsupported: "Verify the package first: `helm verify`" },
  "enable-dns": { type: "boolean", ...REFUSED, unsupported: "Give the addresses as values" },
} as const satisfies FlagSpecs;
