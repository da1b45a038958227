import { posix } from "node:path";

import type { Command } from "../hosts/command.ts";
import { Secret } from "../base/secret.ts";
import { findScript, type ClusterImage, type ScriptName } from "./cluster-image.ts";
import type { HostPaths } from "./paths.ts";

/** A script hangs rather than works after this time. */
const TIMEOUT_MS = 15 * 60_000;

/** The command that runs a script of the rootfs image on a host, or undefined when the image has none of that name. */
export function findScriptCommand(
  rootfs: ClusterImage,
  script: ScriptName,
  { paths, env }: { paths: HostPaths; env: Readonly<Record<string, string>> },
): Command | undefined {
  const line = findScript(rootfs, script);
  if (line === undefined) return undefined;
  return {
    // The label is a shell line: `init-cri.sh $registryDomain && bash init.sh`
    argv: ["bash", "-c", `bash ${line}`],
    cwd: posix.join(paths.rootfs, "scripts"),
    env: scriptEnvironment(env),
    timeoutMs: TIMEOUT_MS,
  };
}

/** Values may be credentials, whatever they are called. */
export function scriptEnvironment(env: Readonly<Record<string, string>>): Readonly<Record<string, Secret>> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, new Secret(value)]));
}
