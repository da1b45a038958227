import { posix } from "node:path";

import { quoteWord, toDisplay, type Command } from "../hosts/command.ts";
import { findScript, type ClusterImage } from "./cluster-image.ts";
import type { HostPaths } from "./paths.ts";

export interface CleanScriptOptions {
  readonly rootfs: ClusterImage;
  readonly env: Readonly<Record<string, string>>;
  readonly paths: HostPaths;
  readonly isRegistry: boolean;
  /** Takes the node out of Kubernetes. */
  readonly resetCommand: Command;
}

/** Where a host keeps the way back to what it was. */
export function cleanScriptPath(paths: HostPaths): string {
  return posix.join(paths.state, "clean.sh");
}

/** Where a kubeconfig that was there before ours waits. */
export function kubeconfigBackupPath(paths: HostPaths): string {
  return posix.join(paths.state, "kubeconfig.before");
}

/**
 * The undoing of everything that bootstrap, init and join do to a host, as one script that is put there before they
 * begin: a reset then needs neither the image nor the operator's memory. What fails does not stop the rest.
 */
export function renderCleanScript({ rootfs, env, paths, isRegistry, resetCommand }: CleanScriptOptions): string {
  const exports = Object.entries(env)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([name, value]) => `export ${name}=${quoteWord(value)}`);
  const lines = [
    ...(isRegistry ? [findScript(rootfs, "clean-registry")] : []),
    findScript(rootfs, "clean-cri"),
    findScript(rootfs, "clean"),
  ].filter((line) => line !== undefined);
  return [
    "# Made by sealos: takes this host back to what it was.",
    ...exports,
    "status=0",
    'attempt() { "$@" || { echo "failed: $*" >&2; status=1; }; }',
    `attempt ${toDisplay(resetCommand)}`,
    `cd ${quoteWord(posix.join(paths.rootfs, "scripts"))} || exit 1`,
    ...lines.map((line) => `attempt bash -c ${quoteWord(`bash ${line}`)}`),
    "exit $status",
    "",
  ].join("\n");
}
