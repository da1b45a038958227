import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIP, SocketAddress } from "node:net";

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
} from "../base/der.ts";

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface CertificateOptions {
  readonly commonName: string;
  readonly notBefore: Date;
  readonly validDays: number;
  /** DNS names and IP addresses the certificate is for. */
  readonly subjectAlternativeNames?: readonly string[];
}

const OID = {
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  subjectAlternativeName: "2.5.29.17",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

/** A self-signed certificate authority with a P-256 key. RFC 5280 */
export function issueAuthority(options: CertificateOptions): KeyPair {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const extensions = [
    extension(OID.basicConstraints, derSequence(derBoolean(true)), true),
    extension(OID.keyUsage, derBitString(Buffer.from([0b0000_0110]), 1), true), // keyCertSign, cRLSign
  ];
  return issue(options, { issuerName: options.commonName, signer: privateKey, subject: privateKey, extensions });
}

/** A TLS server certificate with a P-256 key, signed by `authority`. */
export function issueServerCertificate(
  options: CertificateOptions,
  authority: KeyPair & { readonly commonName: string },
): KeyPair {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const names = (options.subjectAlternativeNames ?? []).map(generalName);
  const extensions = [
    extension(OID.keyUsage, derBitString(Buffer.from([0b1000_0000]), 7), true), // digitalSignature
    extension(OID.extendedKeyUsage, derSequence(derObjectIdentifier(OID.serverAuth)), false),
    extension(OID.subjectAlternativeName, derSequence(...names), false),
  ];
  const signer = createPrivateKey(authority.privateKey);
  return issue(options, { issuerName: authority.commonName, signer, subject: privateKey, extensions });
}

interface Signing {
  readonly issuerName: string;
  readonly signer: KeyObject;
  readonly subject: KeyObject;
  readonly extensions: readonly Buffer[];
}

function issue(options: CertificateOptions, { issuerName, signer, subject, extensions }: Signing): KeyPair {
  const algorithm = derSequence(derObjectIdentifier(OID.ecdsaWithSha256));
  const notAfter = new Date(options.notBefore.getTime() + options.validDays * 86_400_000);
  const toBeSigned = derSequence(
    derContext(0, derInteger(Buffer.from([2])), true), // version 3
    derInteger(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    distinguishedName(issuerName),
    derSequence(derTime(options.notBefore), derTime(notAfter)),
    distinguishedName(options.commonName),
    createPublicKey(subject).export({ type: "spki", format: "der" }),
    derContext(3, derSequence(...extensions), true),
  );
  const signature = sign("sha256", toBeSigned, signer);
  return {
    certificate: toPem("CERTIFICATE", derSequence(toBeSigned, algorithm, derBitString(signature))),
    privateKey: subject.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function distinguishedName(commonName: string): Buffer {
  return derSequence(derSet(derSequence(derObjectIdentifier(OID.commonName), derUtf8String(commonName))));
}

function extension(identifier: string, value: Buffer, critical: boolean): Buffer {
  const flag = critical ? [derBoolean(true)] : [];
  return derSequence(derObjectIdentifier(identifier), ...flag, derOctetString(value));
}

function generalName(name: string): Buffer {
  if (isIP(name) === 0) return derContext(2, Buffer.from(name), false);
  return derContext(7, addressBytes(name), false);
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  const full = new SocketAddress({ address, family: "ipv6" }).address;
  const [head = "", tail = ""] = full.split("::");
  const left = head.split(":").filter(Boolean);
  const right = tail.split(":").filter(Boolean);
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}

function toPem(label: string, content: Buffer): string {
  const lines = content.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
