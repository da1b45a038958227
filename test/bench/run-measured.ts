import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

export interface Measured {
  readonly seconds: number;
  readonly peakBytes: number;
}

/** Runs a program in a process of its own, whose memory is watched. @param env added to that of this process. */
export async function runMeasured(
  program: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  const start = performance.now();
  const child = spawn(program, argv, { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "pipe"] });
  let peakBytes = 0;
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, peakOf(child.pid))), 20);
  const [complaints, code] = await Promise.all([
    text(child.stderr),
    new Promise((resolve) => child.once("exit", resolve)),
  ]);
  clearInterval(watch);
  if (code !== 0) throw new Error(`${program} ${argv.join(" ")} ended with ${String(code)}: ${complaints}`);
  return { seconds: (performance.now() - start) / 1000, peakBytes };
}

/** The most memory that a running process has had. */
export function peakOf(pid: number | undefined): number {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0; // it has ended
  }
}
