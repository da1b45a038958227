import { readFile } from "node:fs/promises";

import type { Context } from "../../src/base/context.ts";
import { KnownError } from "../../src/base/error.ts";
import { holdsHere, queryHere, runHere } from "./this-machine.ts";

/** The programs that make a lab, and the Debian packages that have them. */
const PROGRAMS: Readonly<Record<string, string>> = {
  debootstrap: "debootstrap",
  "systemd-nspawn": "systemd-container",
  ip: "iproute2",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
  unshare: "util-linux",
  nsenter: "util-linux",
};

/** Debian packages that are not installed here. */
export async function findMissingPackages(ctx: Context): Promise<readonly string[]> {
  const missing = new Set<string>();
  for (const [program, name] of Object.entries(PROGRAMS)) {
    if (!(await holdsHere(ctx, 'command -v "$1" >/dev/null', program))) missing.add(name);
  }
  return [...missing];
}

/** Installs Debian packages by name, after saying which. */
export async function installPackages(ctx: Context, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  ctx.progress.output(`installing Debian packages: ${names.join(" ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await runHere(ctx, ["apt-get", "update", "-q"], { env });
  await runHere(ctx, ["apt-get", "install", "-y", "-q", "--no-install-recommends", ...names], { env });
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
