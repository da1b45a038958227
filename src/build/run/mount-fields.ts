import { findClosest } from "../../base/text.ts";
import { ValueError } from "../value-error.ts";

const ALIASES = {
  type: "type",
  target: "target",
  dst: "target",
  destination: "target",
  source: "source",
  src: "source",
  from: "from",
  id: "id",
  readonly: "readonly",
  ro: "readonly",
  readwrite: "readwrite",
  rw: "readwrite",
  required: "required",
  sharing: "sharing",
  size: "size",
  mode: "mode",
  uid: "uid",
  gid: "gid",
  env: "env",
} as const;

/** What a mount can say; some have several names. */
export type MountKey = (typeof ALIASES)[keyof typeof ALIASES];

/** Keys that may stand without a value: then they are true. */
const SWITCHES: ReadonlySet<MountKey> = new Set(["readonly", "readwrite", "required"]);

/** The fields of one `--mount`, variables replaced. The last of a key counts. */
export class MountFields {
  readonly #fields = new Map<MountKey, string>();

  /** @throws {ValueError} for a key that no mount has, and one that lacks its value */
  constructor(fields: readonly string[], expand: (text: string) => string) {
    for (const field of fields) {
      const [name = "", ...rest] = expand(field).split("=");
      const key = findKey(name.trim());
      if (rest.length === 0 && !SWITCHES.has(key)) throw new ValueError(`expected ${key}=VALUE, found "${field}"`);
      this.#fields.set(key, rest.length === 0 ? "true" : rest.join("="));
    }
  }

  /** @throws {ValueError} for a key that mounts of this type do not have */
  allow(keys: readonly MountKey[], type: string): void {
    const wrong = [...this.#fields.keys()].find((key) => !keys.includes(key));
    if (wrong !== undefined) throw new ValueError(`a mount of type ${type} has no ${wrong}`);
  }

  /** Undefined when it is empty too. */
  text(key: MountKey): string | undefined {
    return this.#fields.get(key) || undefined;
  }

  flag(key: MountKey): boolean | undefined {
    const text = this.#fields.get(key)?.toLowerCase();
    if (text === undefined) return undefined;
    if (text === "true" || text === "1") return true;
    if (text === "false" || text === "0") return false;
    throw new ValueError(`expected ${key}=true or false, found "${text}"`);
  }

  parsed<T>(key: MountKey, parse: (text: string) => T): T | undefined {
    const text = this.text(key);
    return text === undefined ? undefined : parse(text);
  }
}

function findKey(name: string): MountKey {
  const key = Object.entries(ALIASES).find(([alias]) => alias === name.toLowerCase())?.[1];
  if (key) return key;
  const closest = findClosest(name, Object.keys(ALIASES));
  const hint = closest === undefined ? "" : `; did you mean ${closest}?`;
  throw new ValueError(`a mount has no "${name}"${hint}`);
}
