import type { KeyObject } from "node:crypto";
import {
  derBitString,
  derBoolean,
  derContext,
  derInteger,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derSet,
  derTime,
  derUtf8String,
} from "../../../base/der.ts";
import { nodeCrypto, nodeNet } from "../../node-modules.ts";
import { FunctionError } from "../../error.ts";
import { derAt } from "./der-reader.ts";
import { findPem, renderPem } from "./keys.ts";

export interface CertificateRequest {
  readonly commonName: string;
  readonly ipAddresses: readonly string[];
  readonly dnsNames: readonly string[];
  readonly notBefore: Date;
  readonly daysValid: number;
  readonly isAuthority: boolean;
  /** Sixteen random bytes. */
  readonly serial: Uint8Array;
}

/** Who signs: a key, and the certificate of it unless the new one signs itself. */
export interface Signer {
  readonly key: KeyObject;
  readonly certificate?: string | undefined;
}

const DAY_MS = 86_400_000;
const VERSION_3 = derContext(0, derInteger(Uint8Array.of(2)), true);

/** An X.509 certificate for the key in PEM. @throws {FunctionError} */
export function issueCertificate(request: CertificateRequest, key: KeyObject, signer: Signer): string {
  const publicKey = nodeCrypto().createPublicKey(key).export({ type: "spki", format: "der" });
  const subject = distinguishedName(request.commonName);
  const parent = signer.certificate === undefined ? undefined : parseCertificate(signer.certificate);
  const { algorithm, digest } = signatureOf(signer.key);
  const notAfter = new Date(request.notBefore.getTime() + request.daysValid * DAY_MS);
  const body = derSequence(
    VERSION_3,
    derInteger(request.serial),
    algorithm,
    parent ? derAt(parent, [0, 0, 5]).bytes : subject,
    derSequence(derTime(request.notBefore), derTime(notAfter)),
    subject,
    publicKey,
    derContext(3, derSequence(...extensionsOf(request, publicKey, parent)), true),
  );
  const signature = nodeCrypto().sign(digest, body, signer.key);
  return renderPem("CERTIFICATE", derSequence(body, algorithm, derBitString(signature)));
}

/** The DER of a PEM certificate. @throws {FunctionError} */
export function parseCertificate(pem: string): Uint8Array {
  const block = findPem(pem);
  if (!block) throw new FunctionError("unable to decode certificate");
  try {
    return new (nodeCrypto().X509Certificate)(Buffer.from(block.der)).raw;
  } catch {
    throw new FunctionError("error parsing certificate: x509: malformed certificate");
  }
}

function distinguishedName(commonName: string): Uint8Array {
  if (commonName === "") return derSequence();
  return derSequence(derSet(derSequence(derObjectIdentifier("2.5.4.3"), derUtf8String(commonName))));
}

interface SignatureKind {
  readonly algorithm: Uint8Array;
  readonly digest: string | null;
}

const SIGNATURES: ReadonlyMap<string, SignatureKind> = new Map([
  [
    "rsa",
    { algorithm: derSequence(derObjectIdentifier("1.2.840.113549.1.1.11"), Uint8Array.of(5, 0)), digest: "sha256" },
  ],
  ["ec", { algorithm: derSequence(derObjectIdentifier("1.2.840.10045.4.3.2")), digest: "sha256" }],
  ["ed25519", { algorithm: derSequence(derObjectIdentifier("1.3.101.112")), digest: null }],
]);

function signatureOf(key: KeyObject): SignatureKind {
  const found = SIGNATURES.get(key.asymmetricKeyType ?? "");
  if (found) return found;
  throw new FunctionError("error creating certificate: x509: only RSA, ECDSA and Ed25519 keys supported");
}

function extensionsOf(
  request: CertificateRequest,
  publicKey: Uint8Array,
  parent: Uint8Array | undefined,
): Uint8Array[] {
  const { isAuthority, ipAddresses, dnsNames } = request;
  const usage = isAuthority ? derBitString(Uint8Array.of(0xa4), 2) : derBitString(Uint8Array.of(0xa0), 5);
  const purposes = derSequence(derObjectIdentifier("1.3.6.1.5.5.7.3.1"), derObjectIdentifier("1.3.6.1.5.5.7.3.2"));
  const authorityKey = parent ? keyIdentifier(derAt(parent, [0, 0, 6]).bytes) : undefined;
  const names = [
    ...dnsNames.map((name) => derContext(2, Buffer.from(name), false)),
    ...ipAddresses.map((address) => derContext(7, addressBytes(address), false)),
  ];
  return [
    extension("2.5.29.15", usage, true),
    extension("2.5.29.37", purposes, false),
    extension("2.5.29.19", isAuthority ? derSequence(derBoolean(true)) : derSequence(), true),
    ...(isAuthority ? [extension("2.5.29.14", derOctetString(keyIdentifier(publicKey)), false)] : []),
    ...(authorityKey ? [extension("2.5.29.35", derSequence(derContext(0, authorityKey, false)), false)] : []),
    ...(names.length > 0 ? [extension("2.5.29.17", derSequence(...names), false)] : []),
  ];
}

function extension(identifier: string, value: Uint8Array, isCritical: boolean): Uint8Array {
  const critical = isCritical ? [derBoolean(true)] : [];
  return derSequence(derObjectIdentifier(identifier), ...critical, derOctetString(value));
}

function keyIdentifier(publicKey: Uint8Array): Uint8Array {
  const bits = derAt(publicKey, [0, 1]).content.subarray(1);
  return nodeCrypto().createHash("sha1").update(bits).digest();
}

function addressBytes(address: string): Uint8Array {
  const family = nodeNet().isIP(address);
  if (family === 4) return Uint8Array.from(address.split("."), Number);
  if (family === 6) return ipv6Bytes(address);
  throw new FunctionError(`error parsing ip: ${address}`);
}

function ipv6Bytes(address: string): Uint8Array {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const [, prefix = "", ...bytes] = dotted ?? [];
  const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
  const text = dotted ? `${prefix}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}` : address;
  const [head = "", tail] = text.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return Buffer.from([...left, ...zeros, ...right].map((group) => group.padStart(4, "0")).join(""), "hex");
}
