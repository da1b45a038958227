import type { Context } from "../../base/context.ts";
import { SourceBuildError } from "../../sources/errors.ts";
import { runProgram } from "../../sources/run-program.ts";
import { RemoteSourceError } from "./remote-error.ts";
import { withoutCredentials } from "./remote-reference.ts";

export interface GitCommand {
  /** It may hold a password, which must not be seen in the list of processes; commands call the repository `origin`. */
  readonly url: string;
  readonly arguments: readonly string[];
}

/** Files get the same permission bits under every umask. */
const SHELL = ["sh", "-c", 'umask 022 && exec git "$@"', "git"] as const;

/** What users and repositories may have configured and a build must not depend on. */
const SETTINGS = {
  "advice.detachedHead": "false",
  "core.autocrlf": "false",
  "core.fsmonitor": "false",
  "core.hooksPath": "/dev/null",
  "core.logAllRefUpdates": "false",
  "core.symlinks": "true",
  "fetch.recurseSubmodules": "false",
  "init.defaultBranch": "main",
  "protocol.ext.allow": "never",
} as const;

/** Runs git and returns what it prints. It asks nobody for passwords. @throws {RemoteSourceError} */
export async function runGit(ctx: Context, { url, arguments: given }: GitCommand): Promise<string> {
  const settings = Object.entries({ ...SETTINGS, "remote.origin.url": url });
  const configured = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key] as const,
    [`GIT_CONFIG_VALUE_${index}`, value] as const,
  ]);
  const env = {
    ...Object.fromEntries(configured),
    GIT_CONFIG_COUNT: String(settings.length),
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
  };
  try {
    return await runProgram(ctx, [...SHELL, ...given], { env, installHint: "Install git" });
  } catch (error) {
    if (!(error instanceof SourceBuildError)) throw error;
    throw toRemoteError(url, error);
  }
}

function toRemoteError(url: string, error: SourceBuildError): RemoteSourceError {
  const lines = error.message.replaceAll(url, withoutCredentials(url)).split("\n").slice(1);
  const reason = lines.map((line) => line.trim()).findLast((line) => /^(fatal|error|sh|git): /.test(line));
  const isMissing = /(?:sh|git): .*not found/.test(reason ?? "");
  return new RemoteSourceError(
    `Cannot get "${withoutCredentials(url)}": ${isMissing ? "git is not installed" : (reason ?? "git fails")}`,
    {
      hint: isMissing
        ? "Install git"
        : "Check the address and its credentials: `git ls-remote` must work without questions",
      cause: error,
    },
  );
}
