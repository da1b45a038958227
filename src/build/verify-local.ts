import type { Context } from "../base/context.ts";
import { hashFile } from "../sources/hash-file.ts";
import type { CopyFlags } from "./copy-flags.ts";
import { problemAt } from "./place.ts";
import type { SelectedSource } from "./select-sources.ts";

/**
 * Checks `--checksum` of files that are on this machine; what was fetched has been checked on its way. The layer is
 * held to the checksum too: the file may still change before it is written.
 * @throws {KubefileError}
 */
export async function verifyLocal(
  ctx: Context,
  selected: readonly SelectedSource[],
  { checksum }: CopyFlags,
): Promise<readonly SelectedSource[]> {
  if (!checksum || selected.every(({ isRemote }) => isRemote)) return selected;
  const { value, place } = checksum;
  const [only, ...more] = selected;
  const content = only?.source.entry.content;
  if (!only || more.length > 0 || value.kind !== "sha256" || !content || content instanceof Uint8Array) {
    throw problemAt(place, {
      code: "CHECKSUM",
      message: "--checksum is for one file or one repository",
      hint: "Name the file alone, and give sha256:<64 hex digits> of it",
    });
  }
  const actual = await hashFile(ctx, content.path);
  if (actual !== value.hex) {
    throw problemAt(place, {
      code: "CHECKSUM",
      message: `The checksum of "${only.source.path}" is sha256:${actual}`,
      hint: "Find out why the file differs before the checksum is changed",
    });
  }
  return [
    { ...only, source: { ...only.source, entry: { ...only.source.entry, content: { ...content, sha256: actual } } } },
  ];
}
