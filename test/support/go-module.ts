import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface GoModule {
  readonly path: string;
  readonly version: string;
}

/** The folder with a module's files in Go's own cache; its checksum database vouches for them. Needs Go and its module proxy. */
export async function goModule({ path, version }: GoModule): Promise<string> {
  const { stdout } = await run("go", ["mod", "download", "-json", `${path}@${version}`], { cwd: tmpdir() });
  const { Dir: folder } = JSON.parse(stdout);
  if (typeof folder !== "string") throw new Error(`go has no folder for ${path}@${version}: ${stdout}`);
  return folder;
}
