import { nodeCrypto } from "./node-modules.ts";

/** What some functions take from outside of the template and its data. */
export interface Sources {
  /** Milliseconds since 1970, for `now` and `ago`. */
  readonly now: () => number;
  /** IANA name of the zone that "Local" means. */
  readonly timeZone: string;
  readonly randomBytes: (count: number) => Uint8Array;
  /** What `env` sees. */
  readonly environment: ReadonlyMap<string, string>;
  /** Addresses of a host, for `getHostByName`; absent where templates must not ask the network. */
  readonly lookupHost?: ((name: string) => readonly string[]) | undefined;
  /** bcrypt in its `$2a$` form, for `bcrypt` and `htpasswd`; absent where it is not at hand. */
  readonly bcrypt?: ((password: string) => string) | undefined;
}

/** The clock and the randomness of this machine, UTC, and nothing of the environment or the network. */
export const defaultSources: Sources = {
  now: Date.now,
  timeZone: "UTC",
  randomBytes: (count) => nodeCrypto().randomBytes(count),
  environment: new Map(),
};
