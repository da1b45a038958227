import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";

import { issueAuthority, issueServerCertificate } from "../../src/pki/certificate.ts";

const notBefore = new Date("2026-01-02T03:04:05Z");
const authority = issueAuthority({ commonName: "registry-ca", notBefore, validDays: 3650 });
const server = issueServerCertificate(
  {
    commonName: "sealos.hub",
    notBefore,
    validDays: 365,
    subjectAlternativeNames: ["sealos.hub", "10.77.0.11", "fd00::1:2"],
  },
  { ...authority, commonName: "registry-ca" },
);

test("issueAuthority() makes a certificate that may sign others", () => {
  const certificate = new X509Certificate(authority.certificate);
  expect(certificate.ca).toBe(true);
  expect(certificate.subject).toBe("CN=registry-ca");
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.validFromDate).toEqual(notBefore);
  expect(certificate.validToDate).toEqual(new Date("2035-12-31T03:04:05Z"));
});

test("issueServerCertificate() is for its names and signed by the authority", () => {
  const certificate = new X509Certificate(server.certificate);
  expect(certificate.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(certificate.checkHost("sealos.hub")).toBe("sealos.hub");
  expect(certificate.checkIP("10.77.0.11")).toBe("10.77.0.11");
  expect(certificate.subjectAltName).toContain("FD00:0:0:0:0:0:1:2");
  expect(certificate.checkHost("example.com")).toBeUndefined();
});
