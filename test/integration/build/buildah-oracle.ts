import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Debian's buildah with a storage of its own below a folder. */
export class Oracle {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The layer files of what it builds, in their order. */
  layers(kubefile: string, contextDirectory: string): readonly string[] {
    const file = join(this.#folder, "Kubefile.oracle");
    writeFileSync(file, kubefile);
    this.#run("bud", "--isolation", "chroot", "--layers", "-q", "-t", "oracle", "-f", file, contextDirectory);
    const layout = join(this.#folder, `oracle-${Math.random()}`);
    this.#run("push", "-q", "oracle", `oci:${layout}:localhost/oracle:1`);
    const blob = (digest: string): string => join(layout, "blobs", digest.replace(":", "/"));
    const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8"));
    const manifest = JSON.parse(readFileSync(blob(index.manifests[0].digest), "utf8"));
    return manifest.layers.map(({ digest }: { digest: string }) => blob(digest));
  }

  #run(...args: readonly string[]): void {
    const place = (name: string): string => join(this.#folder, name);
    const storage = ["--root", place("root"), "--runroot", place("run"), "--storage-driver", "vfs"];
    execFileSync("buildah", [...storage, ...args], { stdio: "pipe" });
  }
}
