import { afterAll, beforeAll } from "vitest";

import { Secret } from "../../../src/base/secret.ts";
import { sshTransport } from "../../../src/hosts/ssh-transport.ts";
import { startSshServer, type SshServer } from "./sshd.ts";
import { createTestUser, type TestUser } from "./test-user.ts";
import { describeTransport } from "./transport-contract.ts";

let server: SshServer;
let user: TestUser;

beforeAll(async () => {
  server = await startSshServer();
  user = createTestUser();
});
afterAll(async () => {
  await server?.close();
  user?.remove();
});

describeTransport("sshTransport() as root", async () =>
  sshTransport(
    { address: "127.0.0.1", port: server.port, user: "root", privateKeyFile: server.keyFile },
    { knownHostsFile: server.knownHostsFile },
  ),
);

describeTransport("sshTransport() with sudo and a password", async () => {
  user.allowSudo("password");
  return sshTransport(
    { address: "127.0.0.1", port: server.port, user: user.name, password: new Secret(user.password) },
    { knownHostsFile: server.knownHostsFile },
  );
});
