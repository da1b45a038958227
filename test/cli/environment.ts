import { bytesOf } from "../../src/base/bytes.ts";
import type { Environment } from "../../src/cli/environment.ts";
import { readSettings } from "../../src/cli/settings.ts";

/** An environment without a terminal, all of whose paths are below `root`. */
export function testEnvironment(root = "/nowhere"): Environment {
  const variables = {
    HOME: root,
    SEALOS_STORE: `${root}/images`,
    SEALOS_DATA_ROOT: `${root}/data`,
    REGISTRY_AUTH_FILE: `${root}/auth.json`,
  };
  return {
    settings: readSettings({ variables, workingDirectory: root, userId: 0, architecture: "x64" }),
    version: "0.0.0",
    now: () => new Date(0),
    stdin: () => bytesOf(""),
    ask: undefined,
    closeAtEnd: () => {},
  };
}
