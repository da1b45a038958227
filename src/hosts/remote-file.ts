import { posix } from "node:path";

import { shell, type Command } from "./command.ts";
import { Secret } from "../base/secret.ts";
import type { RemoteFile } from "./transport.ts";

/** The temporary file is made in the target's folder, with no rights for others until it is complete. */
const SCRIPT = `set -e
if [ -d "$1" ]; then echo "$1 is a directory" >&2; exit 1; fi
umask 022
mkdir -p -- "$2"
umask 077
temporary=$(mktemp "$2/.sealos.XXXXXXXX")
trap 'rm -f -- "$temporary"' EXIT
cat >"$temporary"
chmod "$3" "$temporary"
sync "$temporary" 2>/dev/null || sync
mv -f -- "$temporary" "$1"
trap - EXIT`;

/** The command that writes the file from its standard input, and what is to be given to it. */
export function writeFileCommand({ path, content, mode = 0o644 }: RemoteFile): {
  readonly command: Command;
  readonly content: Uint8Array;
} {
  const permissions = mode.toString(8).padStart(4, "0");
  return {
    command: shell(SCRIPT, [path, posix.dirname(path), permissions]),
    content: Buffer.from(content instanceof Secret ? content.reveal() : content),
  };
}
