import type { KeyObject } from "node:crypto";
import { derInteger, derSequence } from "../../../base/der.ts";
import { messageOf } from "../../../base/error.ts";
import { nodeCrypto } from "../../node-modules.ts";
import { FunctionError } from "../../error.ts";
import { derAt, readDer } from "./der-reader.ts";

/** `genPrivateKey`: the PEM text, or what is wrong with the type. */
export function generatePrivateKey(type: string): string {
  switch (type) {
    case "":
    case "rsa":
      return renderPrivateKey(generateRsaKey(4096));
    case "ecdsa":
      return renderPrivateKey(nodeCrypto().generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
    case "ed25519":
      return renderPrivateKey(nodeCrypto().generateKeyPairSync("ed25519").privateKey);
    case "dsa":
      return renderDsaKey(
        nodeCrypto().generateKeyPairSync("dsa", { modulusLength: 2048, divisorLength: 256 }).privateKey,
      );
    default:
      return `Unknown type ${type}`;
  }
}

export function generateRsaKey(bits: number): KeyObject {
  return nodeCrypto().generateKeyPairSync("rsa", { modulusLength: bits }).privateKey;
}

export function renderPrivateKey(key: KeyObject): string {
  const type = key.asymmetricKeyType === "rsa" ? "pkcs1" : key.asymmetricKeyType === "ec" ? "sec1" : "pkcs8";
  return String(key.export({ type, format: "pem" }));
}

/** The traditional form: version, p, q, g, y, x. */
function renderDsaKey(key: KeyObject): string {
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  const spki = nodeCrypto().createPublicKey(key).export({ type: "spki", format: "der" });
  const parameters = readDer(derAt(pkcs8, [0, 1, 1]).content).map(({ content }) => derInteger(content));
  const x = derAt(derAt(pkcs8, [0, 2]).content, [0]).content;
  const y = derAt(derAt(spki, [0, 1]).content.subarray(1), [0]).content;
  const der = derSequence(derInteger(Uint8Array.of(0)), ...parameters, derInteger(y), derInteger(x));
  return renderPem("DSA PRIVATE KEY", der);
}

export function renderPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** The bytes of the first PEM block, or undefined. */
export function findPem(text: string): { readonly label: string; readonly der: Uint8Array } | undefined {
  const match = /-----BEGIN ([A-Z0-9 ]+)-----\s*([A-Za-z0-9+/=\s]*?)-----END \1-----/.exec(text);
  return match ? { label: match[1] ?? "", der: Buffer.from(match[2] ?? "", "base64") } : undefined;
}

/** @throws {FunctionError} */
export function parsePrivateKey(pem: string): KeyObject {
  const block = findPem(pem);
  if (!block) throw new FunctionError("no PEM data in input");
  if (!block.label.endsWith("PRIVATE KEY")) {
    throw new FunctionError(`no private key data in PEM block of type ${block.label}`);
  }
  try {
    return nodeCrypto().createPrivateKey(pem);
  } catch (error) {
    throw new FunctionError(`decoding private key: ${messageOf(error)}`);
  }
}
