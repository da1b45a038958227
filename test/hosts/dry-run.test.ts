import { expect, test } from "vitest";

import { backgroundContext } from "../../src/base/context.ts";
import { bytesOf } from "../../src/base/bytes.ts";
import { command } from "../../src/hosts/command.ts";
import { describeCall, dryRun } from "../../src/hosts/dry-run.ts";
import { Secret } from "../../src/base/secret.ts";
import { RecordingHost } from "../support/recording-host.ts";

test("dryRun() lets queries through and records what would change the host", async () => {
  const ctx = backgroundContext();
  const host = new RecordingHost([["hostname", "master-1\n"]]);
  const recorded: string[] = [];
  const transport = dryRun(host, (call) => recorded.push(describeCall(call)));

  expect((await transport.query(ctx, command(["hostname"]))).stdout).toBe("master-1\n");
  expect(await transport.run(ctx, command(["reboot", "now ok"]))).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  await transport.putFile(ctx, { path: "/etc/x", content: new Secret("hunter2") });
  await transport.send(ctx, command(["tar", "x"]), { path: "/blob", offset: 5, length: 10 });
  await transport.send(ctx, command(["tar", "x"]), bytesOf("never read"));
  await transport.close();

  expect(recorded).toEqual(["run reboot 'now ok'", "write /etc/x", "send 10 bytes to tar x", "send content to tar x"]);
  expect([host.calls, host.isClosed]).toEqual([["query hostname"], true]);
});
