import { fixed, functionTable } from "../function.ts";

/** Go's `path.Clean`. */
export function cleanPath(path: string): string {
  if (path === "") return ".";
  const isRooted = path.startsWith("/");
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!isRooted) kept.push(part);
  }
  const cleaned = (isRooted ? "/" : "") + kept.join("/");
  return cleaned === "" ? "." : cleaned;
}

export function baseOf(path: string): string {
  if (path === "") return ".";
  const trimmed = path.replace(/\/+$/, "");
  return trimmed === "" ? "/" : trimmed.slice(trimmed.lastIndexOf("/") + 1);
}

export function directoryOf(path: string): string {
  return cleanPath(path.slice(0, path.lastIndexOf("/") + 1));
}

export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot);
}

const isAbsolute = (path: string): boolean => path.startsWith("/");

export const pathFunctions = functionTable({
  base: fixed(["string"], baseOf),
  osBase: fixed(["string"], baseOf),
  dir: fixed(["string"], directoryOf),
  osDir: fixed(["string"], directoryOf),
  clean: fixed(["string"], cleanPath),
  osClean: fixed(["string"], cleanPath),
  ext: fixed(["string"], extensionOf),
  osExt: fixed(["string"], extensionOf),
  isAbs: fixed(["string"], isAbsolute),
  osIsAbs: fixed(["string"], isAbsolute),
});
