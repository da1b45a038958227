import * as v from "valibot";

import { findClosest } from "../../base/text.ts";

export const CLUSTER_API = "apps.sealos.io/v1beta1";

const ENVIRONMENT_ENTRY = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*=/, "expected NAME=value"));

const SSH = v.strictObject({
  user: v.optional(v.string()),
  passwd: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
  pk: v.optional(v.string()),
  pkName: v.optional(v.string()),
  pkData: v.optional(v.string()),
  pkPasswd: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
});

const HOST_GROUP = v.strictObject({
  ips: v.pipe(v.array(v.string()), v.minLength(1, "expected at least one address")),
  roles: v.optional(v.array(v.string()), []),
  env: v.optional(v.array(ENVIRONMENT_ENTRY), []),
  ssh: v.optional(SSH, {}),
});

/** Only what a later run needs: the environment that an image was given on the command line. */
const MOUNT = v.looseObject({ imageName: v.string(), env: v.optional(v.record(v.string(), v.string()), {}) });

/** `kind: Cluster`. What the reference tool wrote into metadata and status is accepted and not read. */
export const CLUSTER_SCHEMA = v.object({
  apiVersion: v.literal(CLUSTER_API, `expected ${CLUSTER_API}`),
  kind: v.literal("Cluster"),
  metadata: v.looseObject({
    name: v.pipe(
      v.string(),
      v.regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, "expected lower-case letters, digits, - and ."),
    ),
    creationTimestamp: v.optional(v.nullable(v.string())),
  }),
  spec: v.strictObject({
    image: v.optional(v.array(v.string()), []),
    ssh: v.optional(SSH, {}),
    hosts: v.optional(v.array(HOST_GROUP), []),
    env: v.optional(v.array(ENVIRONMENT_ENTRY), []),
    command: v.optional(v.array(v.string())),
  }),
  status: v.optional(v.looseObject({ phase: v.optional(v.string()), mounts: v.optional(v.array(MOUNT), []) }), {}),
});

/** `kind: Config`. */
export const CONFIG_SCHEMA = v.object({
  apiVersion: v.literal(CLUSTER_API, `expected ${CLUSTER_API}`),
  kind: v.literal("Config"),
  metadata: v.looseObject({ name: v.string() }),
  spec: v.strictObject({
    path: v.string(),
    match: v.optional(v.string()),
    strategy: v.optional(v.picklist(["merge", "insert", "append", "override", ""]), ""),
    data: v.string(),
  }),
});

/** What of a file that has other violations can still be checked. */
export const HOSTS_SCHEMA = v.object({ spec: v.object({ hosts: v.array(v.object({ ips: v.array(v.string()) })) }) });

export type ClusterDocument = v.InferOutput<typeof CLUSTER_SCHEMA>;
export type SshDocument = v.InferOutput<typeof SSH>;

export interface Violation {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** @returns the typed document, or every violation of the schema. */
export function validate<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): { readonly document: v.InferOutput<Schema> } | { readonly violations: readonly Violation[] } {
  const result = v.safeParse(schema, value);
  if (result.success) return { document: result.output };
  return {
    violations: result.issues.map((issue) => ({
      path: (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key))),
      message: describeIssue(issue),
    })),
  };
}

const FIELDS = ["image", "ssh", "hosts", "env", "command", "ips", "roles", ...Object.keys(SSH.entries)];

function unknownField({ path }: v.BaseIssue<unknown>): string {
  const closest = findClosest(String(path?.at(-1)?.key), FIELDS);
  return closest === undefined ? "unknown field" : `unknown field, did you mean "${closest}"?`;
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  if (issue.type === "strict_object" && issue.expected === "never") return unknownField(issue);
  if (issue.received === "undefined") return "required field is missing";
  if (issue.kind === "schema" && issue.expected !== null && issue.type !== "literal") {
    return `expected ${issue.expected.toLowerCase()}, found ${issue.received}`;
  }
  return issue.kind === "validation" || issue.type === "literal"
    ? `${issue.message}, found ${issue.received}`
    : issue.message;
}
