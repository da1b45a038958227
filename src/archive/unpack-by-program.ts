import { spawn } from "node:child_process";
import { once } from "node:events";
import { pipeline } from "node:stream";

import type { Bytes } from "../base/bytes.ts";
import { InputError, systemCode } from "../base/error.ts";

/** Unpacks with the system's program of that name. @throws {InputError} when it is missing or fails. */
export async function* unpackByProgram(content: Bytes, program: "bzip2" | "xz"): Bytes {
  const child = spawn(program, ["-dc"], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = once(child, "close"); // rejects when the program cannot be started
  ended.catch(() => undefined);
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint = (complaint + text).slice(-1000)));
  let sourceError: Error | undefined;
  pipeline(content, child.stdin, (error) => (sourceError = error ?? undefined));
  try {
    for await (const chunk of child.stdout) if (chunk instanceof Uint8Array) yield chunk;
    await ended.catch((error: unknown) => {
      throw startError(program, error);
    });
  } finally {
    child.kill();
  }
  if (sourceError && systemCode(sourceError) !== "EPIPE") throw sourceError;
  if (child.exitCode === 0) return;
  throw new InputError(`Cannot unpack ${program} content: ${complaint.trim().split("\n").at(-1) || "it is damaged"}`);
}

function startError(program: string, error: unknown): unknown {
  if (systemCode(error) !== "ENOENT") return error;
  return new InputError(`Cannot unpack ${program} content: the program "${program}" is not installed`, {
    hint: `Install the package ${program === "xz" ? "xz-utils" : program}, or unpack the file first`,
    cause: error,
  });
}
