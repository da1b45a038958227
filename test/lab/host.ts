import { once } from "node:events";
import { connect } from "node:net";

import type { Context } from "../../src/base/context.ts";
import { KnownError } from "../../src/base/error.ts";
import { sleep } from "../../src/base/retry.ts";
import { shell } from "../../src/hosts/command.ts";
import type { Transport } from "../../src/hosts/transport.ts";
import { consoleOf } from "./console.ts";
import { boot, isRunning, killHost, readConsole, type HostPlace } from "./host-process.ts";
import { readBytesTowards, setLink } from "./network.ts";

const BOOT_TIMEOUT_MS = 180_000;

/** One throw-away machine. */
export class LabHost {
  readonly name: string;
  readonly address: string;
  /** Works without network and login. */
  readonly console: Transport;
  readonly #place: HostPlace;

  constructor(place: HostPlace) {
    this.#place = place;
    this.name = place.names.name;
    this.address = place.names.address;
    this.console = consoleOf(place);
  }

  async isRunning(): Promise<boolean> {
    return await isRunning(this.#place);
  }

  /** Runs a shell text as root, past the network. @returns its standard output. */
  async exec(ctx: Context, script: string, ...parameters: string[]): Promise<string> {
    const { stdout } = await this.console.query(ctx, shell(script, parameters));
    return stdout;
  }

  /** Starts the host unless it runs; resolves when it takes logins. @throws {KnownError} LAB_HOST_DOWN */
  async start(ctx: Context): Promise<void> {
    if (!(await this.isRunning())) {
      await killHost(ctx, this.#place); // what another death has left
      await boot(this.#place);
    }
    await this.#untilAnswering(ctx);
  }

  /** Cuts the power: nothing is shut down, the disk stays as it is. */
  async kill(ctx: Context): Promise<void> {
    await killHost(ctx, this.#place);
  }

  /** Gives the power back. */
  async revive(ctx: Context): Promise<void> {
    await this.start(ctx);
  }

  /** Pulls the network cable; the host goes on alone. */
  async cutOff(ctx: Context): Promise<void> {
    await setLink(ctx, this.#place.names.port, "down");
  }

  async reconnect(ctx: Context): Promise<void> {
    await setLink(ctx, this.#place.names.port, "up");
  }

  /** How many bytes came to the host over the network since it was started, whoever sent them. */
  async readReceivedBytes(): Promise<number> {
    return await readBytesTowards(this.#place.names.port);
  }

  async #untilAnswering(ctx: Context): Promise<void> {
    const deadline = performance.now() + BOOT_TIMEOUT_MS;
    while (!(await greets(this.address))) {
      const isGone = !(await this.isRunning());
      if (isGone || performance.now() > deadline) {
        const reason = isGone ? "it has stopped" : `no SSH within ${BOOT_TIMEOUT_MS / 1000} s`;
        throw new KnownError(
          "LAB_HOST_DOWN",
          `Cannot start "${this.name}": ${reason}\n${await readConsole(this.#place)}`,
        );
      }
      await sleep(ctx, 50);
    }
    await this.console.query(ctx, shell("systemctl is-system-running --wait || :", [], { timeoutMs: BOOT_TIMEOUT_MS }));
  }
}

/** True when an SSH server says its name. */
async function greets(address: string): Promise<boolean> {
  const socket = connect({ host: address, port: 22, timeout: 1000 });
  socket.on("timeout", () => socket.destroy(new Error("no answer")));
  try {
    const [greeting] = await once(socket, "data");
    return String(greeting).startsWith("SSH-2.0-");
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
