import { isIP } from "node:net";

/** Where the API of a registry is: Docker Hub has another host than its images' names say. */
export function apiHost(registry: string): string {
  return registry === "docker.io" ? "registry-1.docker.io" : registry;
}

/** True for a registry on this machine, which may speak plain HTTP. */
export function isLoopback(registry: string): boolean {
  if (!URL.canParse(`http://${registry}`)) return false;
  const host = new URL(`http://${registry}`).hostname;
  return host === "localhost" || host === "[::1]" || (isIP(host) === 4 && host.startsWith("127."));
}
