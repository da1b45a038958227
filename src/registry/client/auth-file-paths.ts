import { join } from "node:path";

export interface AuthFileEnvironment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly userId: number;
}

/**
 * Where logins are kept, as other tools for images look for them: the first file that has an answer wins, and the first
 * of all is the one that is written.
 */
export function authFilePaths({ variables, home, userId }: AuthFileEnvironment): readonly [string, ...string[]] {
  const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME, DOCKER_CONFIG } = variables;
  if (REGISTRY_AUTH_FILE) return [REGISTRY_AUTH_FILE];
  return [
    XDG_RUNTIME_DIR ? join(XDG_RUNTIME_DIR, "containers/auth.json") : `/run/containers/${userId}/auth.json`,
    join(XDG_CONFIG_HOME || join(home, ".config"), "containers/auth.json"),
    join(DOCKER_CONFIG || join(home, ".docker"), "config.json"),
  ];
}
