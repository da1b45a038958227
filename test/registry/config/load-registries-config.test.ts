import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";

import { loadRegistriesConfig } from "../../../src/registry/config/load-registries-config.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const temporary = useTemporaryFolder();

function places(): { userFolder: string; systemFolder: string } {
  return { userFolder: temporary("user"), systemFolder: temporary("system") };
}

function write(path: string, ...registries: readonly string[]): void {
  mkdirSync(dirname(temporary(path)), { recursive: true });
  writeFileSync(temporary(path), `unqualified-search-registries = ${JSON.stringify(registries)}\n`);
}

function rule(location: string): string {
  return `[[registry]]\nprefix = "docker.io"\nlocation = "${location}"\n`;
}

async function searched(given: { file?: string; folder?: string } = {}): Promise<readonly string[] | undefined> {
  return (await loadRegistriesConfig({ ...places(), ...given })).searchRegistries;
}

test("loadRegistriesConfig() takes the user's file before that of the machine, and then the folders beside it", async () => {
  expect(await searched()).toBeUndefined();
  write("system/registries.conf", "system");
  expect(await searched()).toEqual(["system"]);
  write("system/registries.conf.d/50-site.conf", "site");
  write("system/registries.conf.d/90-site.conf", "last");
  write("system/registries.conf.d/99-site.txt", "no configuration");
  expect(await searched()).toEqual(["last"]);
  write("user/registries.conf", "user");
  expect(await searched()).toEqual(["user"]);
  write("user/registries.conf.d/a.conf", "own");
  expect(await searched()).toEqual(["own"]);
});

test("loadRegistriesConfig() takes the file and the folder that are named, which must be there", async () => {
  write("system/registries.conf", "system");
  write("named.conf", "named");
  write("named.d/a.conf", "beside");
  expect(await searched({ file: temporary("named.conf") })).toEqual(["named"]);
  expect(await searched({ file: temporary("named.conf"), folder: temporary("named.d") })).toEqual(["beside"]);
  await expect(searched({ file: temporary("missing.conf") })).rejects.toThrow("there is no such file");
});

test("loadRegistriesConfig() lets a later file replace rules of the same prefix and aliases", async () => {
  mkdirSync(temporary("system/registries.conf.d"), { recursive: true });
  writeFileSync(temporary("system/registries.conf"), `${rule("first")}[aliases]\n"a" = "x.io/a"\n"b" = "x.io/b"\n`);
  writeFileSync(temporary("system/registries.conf.d/z.conf"), `${rule("second")}[aliases]\n"a" = ""\n`);
  const { rules, aliases } = await loadRegistriesConfig(places());
  expect(rules.map(({ location }) => location)).toEqual(["second"]);
  expect(Object.fromEntries(aliases)).toEqual({ a: "", b: "x.io/b" });
});
