import type { KeyObject } from "node:crypto";
import { FunctionError } from "../../error.ts";
import { fixed, functionTable } from "../../function.ts";
import type { FunctionTable } from "../../function.ts";
import type { Sources } from "../../sources.ts";
import { decodeBytes } from "../../value/bytes.ts";
import { typeOf } from "../../value/kind.ts";
import { print } from "../../value/print.ts";
import { GoObject } from "../../value/value.ts";
import type { Value } from "../../value/value.ts";
import { decodeBase64 } from "../base-encoding.ts";
import { issueCertificate, parseCertificate } from "./certificates.ts";
import type { Signer } from "./certificates.ts";
import { generatePrivateKey, generateRsaKey, parsePrivateKey, renderPrivateKey } from "./keys.ts";
import { decryptAes, derivePassword, encryptAes } from "./passwords.ts";

const RSA_BITS = 2048;

/** What the functions that make certificates give: `.Cert` and `.Key` in PEM. */
class CertificateObject extends GoObject {
  readonly type = "sprig.certificate";
  readonly kind = "struct";
  readonly certificate: string;
  readonly key: string;

  constructor(certificate: string, key: string) {
    super();
    this.certificate = certificate;
    this.key = key;
  }

  override field(name: string): Value {
    return name === "Cert" ? this.certificate : name === "Key" ? this.key : undefined;
  }

  print(): string {
    return `{${this.certificate} ${this.key}}`;
  }

  override toPlain(): Value {
    return new Map([
      ["Cert", this.certificate],
      ["Key", this.key],
    ]);
  }
}

/** Subject and addresses of a certificate, as templates give them. */
interface Names {
  readonly commonName: string;
  readonly ips: readonly Value[];
  readonly dnsNames: readonly Value[];
  readonly days: number;
}

export function cryptoFunctions({ now, randomBytes, bcrypt }: Sources): FunctionTable {
  const issue = (names: Names, key: KeyObject, { isAuthority = false, signer = { key } }: IssueOptions = {}): Value => {
    const request = {
      commonName: names.commonName,
      ipAddresses: textsOf(names.ips, "error parsing ip"),
      dnsNames: textsOf(names.dnsNames, "error processing alternate dns name"),
      notBefore: new Date(now()),
      daysValid: names.days,
      serial: randomBytes(16),
      isAuthority,
    };
    return new CertificateObject(issueCertificate(request, key, signer), renderPrivateKey(key));
  };
  const hash = (password: string): string => {
    if (!bcrypt) throw new FunctionError("bcrypt is not available here");
    return bcrypt(password);
  };
  return functionTable({
    genPrivateKey: fixed(["string"], generatePrivateKey),
    genCA: fixed(["string", "int"], (commonName, days) =>
      issue({ commonName, ips: [], dnsNames: [], days }, generateRsaKey(RSA_BITS), { isAuthority: true }),
    ),
    genCAWithKey: fixed(["string", "int", "string"], (commonName, days, pem) =>
      issue({ commonName, ips: [], dnsNames: [], days }, keyFrom(pem), { isAuthority: true }),
    ),
    genSelfSignedCert: fixed(["string", "list", "list", "int"], (commonName, ips, dnsNames, days) =>
      issue({ commonName, ips, dnsNames, days }, generateRsaKey(RSA_BITS)),
    ),
    genSelfSignedCertWithKey: fixed(
      ["string", "list", "list", "int", "string"],
      (commonName, ips, dnsNames, days, pem) => issue({ commonName, ips, dnsNames, days }, keyFrom(pem)),
    ),
    genSignedCert: fixed(["string", "list", "list", "int", "any"], (commonName, ips, dnsNames, days, authority) =>
      issue({ commonName, ips, dnsNames, days }, generateRsaKey(RSA_BITS), { signer: signerFrom(authority) }),
    ),
    genSignedCertWithKey: fixed(
      ["string", "list", "list", "int", "any", "string"],
      (commonName, ips, dnsNames, days, authority, pem) =>
        issue({ commonName, ips, dnsNames, days }, keyFrom(pem), { signer: signerFrom(authority) }),
    ),
    buildCustomCert: fixed(["string", "string"], buildCustomCertificate),
    derivePassword: fixed(["int", "string", "string", "string", "string"], (counter, type, password, user, site) =>
      derivePassword({ counter, type, password, user, site }),
    ),
    encryptAES: fixed(["string", "string"], (password, text) => encryptAes(password, text, randomBytes(16))),
    decryptAES: fixed(["string", "string"], decryptAes),
    bcrypt: fixed(["string"], hash),
    htpasswd: fixed(["string", "string"], (user, password) =>
      user.includes(":") ? `invalid username: ${user}` : `${user}:${hash(password)}`,
    ),
  });
}

interface IssueOptions {
  readonly isAuthority?: boolean;
  readonly signer?: Signer;
}

function textsOf(values: readonly Value[], problem: string): readonly string[] {
  return values.map((value) => {
    if (typeof value === "string") return value;
    throw new FunctionError(`${problem}: ${print(value)} is not a string`);
  });
}

function keyFrom(pem: string): KeyObject {
  try {
    return parsePrivateKey(pem);
  } catch (error) {
    throw error instanceof FunctionError ? new FunctionError(`parsing private key: ${error.message}`) : error;
  }
}

function signerFrom(value: Value): Signer {
  if (!(value instanceof CertificateObject)) {
    throw new FunctionError(`wrong type for value; expected sprig.certificate; got ${typeOf(value)}`);
  }
  return { key: parsePrivateKey(value.key), certificate: value.certificate };
}

function decode(text: string, subject: string): string {
  const bytes = decodeBase64(text);
  if (typeof bytes === "string") throw new FunctionError(`unable to decode base64 ${subject}`);
  return decodeBytes(bytes);
}

function buildCustomCertificate(certificate: string, key: string): Value {
  const certificateText = decode(certificate, "certificate");
  const keyText = decode(key, "private key");
  parseCertificate(certificateText);
  parsePrivateKey(keyText);
  return new CertificateObject(certificateText, keyText);
}
