import type * as Crypto from "node:crypto";
import type * as Net from "node:net";

// Few templates need these modules, and loading them takes as long as rendering a chart: it is done on first use.

export function nodeCrypto(): typeof Crypto {
  return process.getBuiltinModule("node:crypto");
}

export function nodeNet(): typeof Net {
  return process.getBuiltinModule("node:net");
}
