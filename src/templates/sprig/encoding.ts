import { nodeCrypto } from "../node-modules.ts";
import { fixed, functionTable } from "../function.ts";
import { decodeBytes, encodeBytes } from "../value/bytes.ts";
import { decodeBase32, decodeBase64, encodeBase32 } from "./base-encoding.ts";

function decoded(bytes: Uint8Array | string): string {
  return typeof bytes === "string" ? bytes : decodeBytes(bytes);
}

function adler32(text: string): string {
  let a = 1;
  let b = 0;
  for (const byte of encodeBytes(text)) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return String(b * 65536 + a);
}

function hash(algorithm: string, text: string): string {
  return nodeCrypto().createHash(algorithm).update(encodeBytes(text)).digest("hex");
}

export const encodingFunctions = functionTable({
  b64enc: fixed(["string"], (text) => Buffer.from(encodeBytes(text)).toString("base64")),
  b64dec: fixed(["string"], (text) => decoded(decodeBase64(text))),
  b32enc: fixed(["string"], (text) => encodeBase32(encodeBytes(text))),
  b32dec: fixed(["string"], (text) => decoded(decodeBase32(text))),
  sha1sum: fixed(["string"], (text) => hash("sha1", text)),
  sha256sum: fixed(["string"], (text) => hash("sha256", text)),
  sha512sum: fixed(["string"], (text) => hash("sha512", text)),
  adler32sum: fixed(["string"], adler32),
});
