import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { BuildScene } from "./build-scene.ts";

/** The smallest image with a shell: Debian's static busybox and two users. */
export const BASE = `FROM scratch
COPY busybox /bin/busybox
COPY etc /etc
RUN ["/bin/busybox", "--install", "-s", "/bin"]
`;

/** Files of the context that {@link BASE} needs. */
export const BASE_FILES = {
  "etc/passwd": "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n",
  "etc/group": "root:x:0:\napp:x:1001:\nextra:x:2000:app\n",
};

/** A context that {@link BASE} can be built from. */
export function runScene(files: Readonly<Record<string, string>> = {}): BuildScene {
  const scene = new BuildScene({ ...BASE_FILES, ...files });
  scene.write("busybox", readFileSync("/bin/busybox"), 0o755);
  return scene;
}

/** The layer files of an image that is built, in their order. */
export async function builtLayers(scene: BuildScene, kubefile: string): Promise<readonly string[]> {
  const { layers } = await scene.build(kubefile);
  const store = await scene.store();
  return layers.map(({ digest }) => store.blobPath(digest));
}

/** One line for each member of a layer: type and mode, owner, size or device, path and link, extended attributes. */
export function listLayer(path: string): readonly string[] {
  const flags = ["--numeric-owner", "--xattrs", "--xattrs-include=*", "--full-time", "-tvvf"];
  const lines = execFileSync("tar", [...flags, path], { encoding: "utf8" }).split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line) =>
      line
        .replace(/ +/g, " ")
        .replace(/ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?/, "")
        .replace(/^(.)(.*)\* /, "$1$2 "),
    );
}
