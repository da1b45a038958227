import { expect, test } from "vitest";

import { parseClusterfile } from "../../src/cluster/clusterfile/parse.ts";
import { withRegistryLogin } from "../../src/cluster/registry-login.ts";

const CLUSTERFILE = `apiVersion: apps.sealos.io/v1beta1
kind: Cluster
metadata:
  name: default
spec:
  image: [kubernetes]
  env: [registryPassword=old, OTHER=kept]
  hosts:
    - ips: [10.0.0.1]
      roles: [master]
      env: [registryUsername=admin]
    - ips: [10.0.0.2]
      roles: [node]
`;

test("withRegistryLogin() changes the login in every environment that names one, and adds it to none", () => {
  const before = parseClusterfile(CLUSTERFILE, "Clusterfile");
  const { cluster, imageEnv } = withRegistryLogin(
    { ...before, imageEnv: { kubernetes: { registryPassword: "given" }, web: { A: "b" } } },
    { username: "ada", password: "new" },
  );
  expect(cluster.env).toEqual({ registryPassword: "new", OTHER: "kept" });
  expect(cluster.hosts.map(({ env }) => env)).toEqual([{ registryUsername: "ada" }, {}]);
  expect(imageEnv).toEqual({ kubernetes: { registryPassword: "new" }, web: { A: "b" } });
});
