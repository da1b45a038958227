import { pathToFileURL } from "node:url";

/**
 * Where a URL is looked up when a mirror stands in for the internet: `<mirror>/HOST/PATH`. The mirror is a URL or a
 * folder's absolute path.
 */
export function mirroredUrl(url: string, mirror: string | undefined): string {
  if (mirror === undefined) return url;
  const { host, pathname, search } = new URL(url);
  const base = mirror.startsWith("/") ? pathToFileURL(mirror).href : mirror;
  return `${base.replace(/\/+$/, "")}/${host}${pathname}${search}`;
}
