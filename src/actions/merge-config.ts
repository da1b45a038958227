import { toEnvironment, type ExecutionConfig, type ImageConfig } from "../oci/image-config.ts";

/** The label that says what kind of cluster image it is, by its old and its new name. */
export const TYPE_LABELS = ["sealos.io.type", "apps.sealos.io/type"];

/**
 * What several images are told to do, as one: labels and environment united, the later image wins; their commands one
 * after the other. With a rootfs image among them, it is a rootfs image.
 */
export function mergeExecution(configs: readonly ImageConfig[]): ExecutionConfig {
  const parts = configs.map(({ config }) => config ?? {});
  const labels: Record<string, string> = Object.assign({}, ...parts.map(({ Labels }) => Labels ?? {}));
  const isRootfs = parts.some(({ Labels }) => TYPE_LABELS.some((label) => Labels?.[label] === "rootfs"));
  const { PATH: _, ...env } = toEnvironment(parts.flatMap(({ Env }) => Env ?? []));
  return withoutEmpty({
    Env: Object.entries(env)
      .map(([name, value]) => `${name}=${value}`)
      .sort(),
    Entrypoint: parts.flatMap(({ Entrypoint }) => Entrypoint ?? []),
    Cmd: parts.flatMap(({ Cmd }) => Cmd ?? []),
    Labels: isRootfs ? { ...labels, ...Object.fromEntries(TYPE_LABELS.map((label) => [label, "rootfs"])) } : labels,
  });
}

function withoutEmpty(config: Required<Pick<ExecutionConfig, "Env" | "Entrypoint" | "Cmd" | "Labels">>) {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => Object.keys(value).length > 0));
}
