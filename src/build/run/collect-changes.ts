import { indexTar } from "../../archive/tar-index.ts";
import type { Context } from "../../base/context.ts";
import { quoteWord } from "../../hosts/command.ts";
import type { UpperFolder } from "./changed-files.ts";
import { RunError } from "./errors.ts";
import { runHelper } from "./run-helper.ts";
import { withPrefix, type UserNamespace } from "./user-namespace.ts";

/**
 * Reads what a command left in a folder, with the owners that the namespace has for it: only there its files are
 * readable for sure. Sockets are left out.
 * @param tarPath a new file that the answer refers to
 */
export async function collectChanges(
  ctx: Context,
  namespace: UserNamespace,
  { folder, tarPath }: { folder: string; tarPath: string },
): Promise<UpperFolder> {
  const flags = "--format=pax --numeric-owner --sort=name --xattrs '--xattrs-include=*' --warning=no-file-ignored";
  const script = `tar -c ${flags} -C ${quoteWord(folder)} . > ${quoteWord(tarPath)}`;
  const { exitCode, complaint } = await runHelper(ctx, withPrefix(namespace, ["sh", "-c", script]));
  if (exitCode !== 0) {
    throw new RunError("RUN_UNAVAILABLE", `Cannot read what the command changed: ${complaint}`, {
      hint: "Install GNU tar, and see that the image store has space",
    });
  }
  return { entries: await indexTar(ctx, tarPath, { hash: false }), tarPath };
}
