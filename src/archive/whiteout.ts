import { posix } from "node:path";

const PREFIX = ".wh.";
const OPAQUE = ".wh..wh..opq";

/** What a layer's member removes from the layers below: one path, or everything inside a folder. */
export type Whiteout = { readonly kind: "path" | "opaque"; readonly path: string };

/** The member that removes a path from the layers below. */
export function whiteoutOf(path: string): string {
  return posix.join(posix.dirname(path), `${PREFIX}${posix.basename(path)}`);
}

/**
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts
 * @param path of a member, clean and relative. @returns undefined when it is an ordinary member.
 */
export function findWhiteout(path: string): Whiteout | undefined {
  const name = posix.basename(path);
  if (!name.startsWith(PREFIX)) return undefined;
  const folder = posix.dirname(path) === "." ? "" : posix.dirname(path);
  if (name === OPAQUE) return { kind: "opaque", path: folder };
  return { kind: "path", path: posix.join(folder, name.slice(PREFIX.length)) };
}
