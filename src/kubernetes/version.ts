import { InputError } from "../base/error.ts";

export interface KubernetesVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** As it was written, with `v`. */
  readonly text: string;
}

/** Reads `v1.36.3`, also with a build or pre-release suffix. @throws {InputError} */
export function parseKubernetesVersion(text: string): KubernetesVersion {
  const match = /^v(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(text);
  if (!match) throw new InputError(`Cannot read Kubernetes version "${text}": expected vMAJOR.MINOR.PATCH`);
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]), text };
}
