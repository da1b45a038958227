import { FunctionError } from "../error.ts";
import { fixed, functionTable } from "../function.ts";
import type { FunctionTable } from "../function.ts";
import { MAX_LIST_LENGTH } from "../limits.ts";
import type { Sources } from "../sources.ts";
import { runesOf } from "../value/bytes.ts";

const DIGITS = "0123456789";
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join("");

export function randomFunctions({ randomBytes }: Sources): FunctionTable {
  /** A number from 0 up to but without `limit`, each as likely as the others. */
  const below = (limit: number): number => {
    const span = 2 ** 48;
    for (;;) {
      const value = Buffer.from(randomBytes(6)).readUIntBE(0, 6);
      if (value < span - (span % limit)) return value % limit;
    }
  };
  const textOf = (alphabet: string) =>
    fixed(["int"], (count) => {
      if (count > MAX_LIST_LENGTH) throw new FunctionError(`more than ${MAX_LIST_LENGTH} characters`);
      return Array.from({ length: Math.max(count, 0) }, () => alphabet[below(alphabet.length)]).join("");
    });
  return functionTable({
    randAlphaNum: textOf(LETTERS + DIGITS),
    randAlpha: textOf(LETTERS),
    randNumeric: textOf(DIGITS),
    randAscii: textOf(PRINTABLE),
    randInt: fixed(["int", "int"], (low, high) => {
      if (high <= low) throw new FunctionError("invalid argument to Intn");
      return BigInt(low + below(high - low));
    }),
    randBytes: fixed(["int"], (count) => {
      if (count < 0 || count > MAX_LIST_LENGTH) throw new FunctionError("runtime error: makeslice: len out of range");
      return Buffer.from(randomBytes(count)).toString("base64");
    }),
    uuidv4: fixed([], () => uuid(randomBytes(16))),
    shuffle: fixed(["string"], (text) => shuffle(runesOf(text), below).join("")),
  });
}

function uuid(random: Uint8Array): string {
  const bytes = Buffer.from(random);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function shuffle(items: readonly string[], below: (limit: number) => number): string[] {
  const rest = [...items];
  return items.flatMap(() => rest.splice(below(rest.length), 1));
}
