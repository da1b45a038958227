import { nodeCrypto } from "../../node-modules.ts";
import { FunctionError } from "../../error.ts";
import { decodeBytes, encodeBytes } from "../../value/bytes.ts";
import { decodeBase64 } from "../base-encoding.ts";

/** The Master Password algorithm's templates: each letter stands for a set of characters. */
const TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map([
  ["maximum", ["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"]],
  [
    "long",
    `CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv
     CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv
     CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno`.split(
      /\s+/,
    ),
  ],
  ["medium", ["CvcnoCvc", "CvcCvcno"]],
  ["short", ["Cvcn"]],
  ["basic", ["aaanaaan", "aannaaan", "aaannaaa"]],
  ["pin", ["nnnn"]],
]);
const CHARACTERS: Readonly<Record<string, string>> = {
  V: "AEIOU",
  C: "BCDFGHJKLMNPQRSTVWXYZ",
  v: "aeiou",
  c: "bcdfghjklmnpqrstvwxyz",
  A: "AEIOUBCDFGHJKLMNPQRSTVWXYZ",
  a: "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
  n: "0123456789",
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
};
const SEED = "com.lyndir.masterpassword";

export interface PasswordRequest {
  readonly counter: number;
  readonly type: string;
  readonly password: string;
  readonly user: string;
  readonly site: string;
}

/** The same password for the same site, every time. */
export function derivePassword({ counter, type, password, user, site }: PasswordRequest): string {
  const templates = TEMPLATES.get(type);
  if (!templates) return `cannot find password template ${type}`;
  const salt = Buffer.concat([Buffer.from(SEED), withLength(user)]);
  const options = { N: 32_768, r: 8, p: 2, maxmem: 128 * 1024 * 1024 };
  const key = nodeCrypto().scryptSync(encodeBytes(password), salt, 64, options);
  const seed = nodeCrypto()
    .createHmac("sha256", key)
    .update(SEED)
    .update(withLength(site))
    .update(uint32(counter))
    .digest();
  const template = templates[(seed[0] ?? 0) % templates.length] ?? "";
  return Array.from(template, (letter, index) => {
    const set = CHARACTERS[letter] ?? "";
    return set[(seed[index + 1] ?? 0) % set.length];
  }).join("");
}

function withLength(text: string): Uint8Array {
  const bytes = encodeBytes(text);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** AES-256 in CBC mode; the password is cut or filled up with zeros to the key's length. */
export function encryptAes(password: string, text: string, vector: Uint8Array): string {
  if (text === "") return "";
  const cipher = nodeCrypto().createCipheriv("aes-256-cbc", keyOf(password), vector);
  return Buffer.concat([vector, cipher.update(encodeBytes(text)), cipher.final()]).toString("base64");
}

export function decryptAes(password: string, encrypted: string): string {
  if (encrypted === "") return "";
  const bytes = decodeBase64(encrypted);
  if (typeof bytes === "string") throw new FunctionError(bytes);
  if (bytes.length < 32 || bytes.length % 16 !== 0) throw new FunctionError("crypto/cipher: input not full blocks");
  const decipher = nodeCrypto()
    .createDecipheriv("aes-256-cbc", keyOf(password), bytes.subarray(0, 16))
    .setAutoPadding(false);
  const content = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
  const end = content.length - (content.at(-1) ?? 0);
  if (end < 0) throw new FunctionError(`runtime error: slice bounds out of range [:${end}]`);
  return decodeBytes(content.subarray(0, end));
}

function keyOf(password: string): Uint8Array {
  const key = Buffer.alloc(32);
  key.set(encodeBytes(password).subarray(0, 32));
  return key;
}
