import { readFile } from "node:fs/promises";
import { array, object, optional, parse, string } from "valibot";

import type { Context } from "../../src/base/context.ts";
import type { NetworksInUse } from "./free-index.ts";
import type { LabNetwork } from "./names.ts";
import { holdsHere, queryHere, runHere } from "./this-machine.ts";

const linksSchema = array(object({ ifname: string() }));
const routesSchema = array(object({ dst: optional(string(), "default") }));

/** A connected interface has a route, so routes name every range. */
export async function readNetworksInUse(ctx: Context): Promise<NetworksInUse> {
  const links: unknown = JSON.parse(await queryHere(ctx, ["ip", "-j", "link"]));
  const routes: unknown = JSON.parse(await queryHere(ctx, ["ip", "-j", "-4", "route", "show", "table", "all"]));
  return {
    links: parse(linksSchema, links).map(({ ifname }) => ifname),
    ranges: parse(routesSchema, routes)
      .map(({ dst }) => dst)
      .filter((dst) => dst !== "default"),
  };
}

export async function createBridge(ctx: Context, { bridge, gateway }: LabNetwork): Promise<void> {
  await runHere(ctx, ["ip", "link", "add", bridge, "type", "bridge"]);
  await runHere(ctx, ["ip", "addr", "add", `${gateway}/24`, "dev", bridge]);
  await runHere(ctx, ["ip", "link", "set", bridge, "up"]);
  if (await dropsForwarded(ctx)) await runHere(ctx, ["iptables", "-w", "-I", ...forwardRule(bridge)]);
}

export async function removeBridge(ctx: Context, { bridge }: LabNetwork): Promise<void> {
  if (await dropsForwarded(ctx)) {
    await runHere(ctx, ["iptables", "-w", "-D", ...forwardRule(bridge)], { allowedExitCodes: [0, 1] });
  }
  await removeLink(ctx, bridge);
}

/** A cable has two ends: removing one removes both. */
export async function removeLink(ctx: Context, link: string): Promise<void> {
  await holdsHere(ctx, 'ip link del "$1" 2>/dev/null', link);
}

export async function setLink(ctx: Context, link: string, state: "up" | "down"): Promise<void> {
  await runHere(ctx, ["ip", "link", "set", link, state]);
}

/** What went through the bridge's end of the cable to the host since it was plugged in. */
export async function readBytesTowards(port: string): Promise<number> {
  return Number(await readFile(`/sys/class/net/${port}/statistics/tx_bytes`, "utf8"));
}

/** Where a container engine sets this policy, it also holds for what a bridge carries from host to host. */
async function dropsForwarded(ctx: Context): Promise<boolean> {
  return await holdsHere(ctx, 'command -v iptables >/dev/null && iptables -w -S FORWARD | grep -q "^-P FORWARD DROP"');
}

function forwardRule(bridge: string): string[] {
  return ["FORWARD", "-i", bridge, "-o", bridge, "-j", "ACCEPT"];
}
