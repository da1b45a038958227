import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Context } from "../../src/base/context.ts";
import { KnownError } from "../../src/base/error.ts";
import { queryHere, runHere } from "./this-machine.ts";

const INSTALL = join(import.meta.dirname, "../../make/install-debian-packages");

/** For systemd-nspawn, unshare, nsenter and the like. */
const LAB_PACKAGES = ["debootstrap", "iproute2", "openssh-client", "systemd-container", "util-linux"];

/** Installs what makes a lab and is missing here, after saying which. */
export async function installLabPackages(ctx: Context): Promise<void> {
  await runHere(ctx, [INSTALL, ...LAB_PACKAGES]);
}

/** The code name of this machine's release. */
export async function readSuite(): Promise<string> {
  return /^VERSION_CODENAME="?(\w+)/m.exec(await readFile("/etc/os-release", "utf8"))?.[1] ?? "unknown";
}

/** Where apt gets the packages of this machine's own release. */
export interface PackageSource {
  /** The release's code name. */
  readonly suite: string;
  readonly uri: string;
  readonly components: readonly string[];
  readonly proxy: string | undefined;
}

/** @throws {KnownError} LAB_NO_PACKAGES */
export async function readPackageSource(ctx: Context): Promise<PackageSource> {
  const suite = await readSuite();
  const format = ["$(RELEASE)", "$(REPO_URI)", "$(COMPONENT)"].join(" ");
  const targets = await queryHere(ctx, ["apt-get", "indextargets", "--format", format, "Created-By: Packages"]);
  const source = findSource(targets, suite);
  if (!source) {
    throw new KnownError("LAB_NO_PACKAGES", `Cannot make hosts: apt has no source for Debian's release "${suite}"`, {
      hint: `Add a source for ${suite} to /etc/apt/sources.list`,
    });
  }
  const proxy = await queryHere(ctx, ["apt-config", "shell", "proxy", "Acquire::http::Proxy"]);
  return { suite, ...source, proxy: /^proxy='(.+)'$/m.exec(proxy)?.[1] };
}

/** The first repository with the release itself, not its updates. @param targets lines of `release uri component`. */
export function findSource(targets: string, suite: string): Pick<PackageSource, "uri" | "components"> | undefined {
  const rows = targets
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([release]) => release === suite);
  const uri = rows.find(([, , component]) => component === "main")?.[1];
  if (uri === undefined) return undefined;
  const components = rows.filter((row) => row[1] === uri).map((row) => row[2] ?? "");
  return { uri, components: [...new Set(components)] };
}
