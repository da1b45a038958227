import { mkdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

import { findStorageRoots } from "../../src/cli/storage-roots.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const temporary = useTemporaryFolder();
const USUAL = "/var/lib/containers/storage";

test("findStorageRoots() reads the user's storage.conf, with variables and additional image stores", async () => {
  const home = temporary();
  mkdirSync(temporary(".config/containers"), { recursive: true });
  writeFileSync(
    temporary(".config/containers/storage.conf"),
    '[storage]\ngraphroot = "$HOME/graph-$UID"\n[storage.options]\nadditionalimagestores = ["/mnt/images"]\n',
  );
  expect(await findStorageRoots({ home, configHome: `${home}/.config`, userId: 1000, variables: {} })).toEqual([
    `${home}/graph-1000`,
    "/mnt/images",
    USUAL,
    `${home}/.local/share/containers/storage`,
  ]);
});

test("findStorageRoots() reads the file of CONTAINERS_STORAGE_CONF only, and says what is wrong with it", async () => {
  const variables = { CONTAINERS_STORAGE_CONF: temporary("storage.conf") };
  const find = () => findStorageRoots({ home: "/home/ada", configHome: "/home/ada/.config", userId: 0, variables });
  expect(await find()).toEqual([USUAL, "/home/ada/.local/share/containers/storage"]);
  writeFileSync(temporary("storage.conf"), "graphroot = ");
  await expect(find()).rejects.toThrow(/^Cannot read ".*storage\.conf": toml: line 1/);
});
