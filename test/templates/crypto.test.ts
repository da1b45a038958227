import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { standardFunctions } from "../../src/templates/standard-functions.ts";
import { parseTemplate, renderTemplate } from "../../src/templates/template.ts";

function render(text: string): string {
  const functions = standardFunctions({ bcrypt: (password) => `$2a$10$${password}`, now: () => 1_700_000_000_000 });
  return renderTemplate(parseTemplate(text, { name: "t", functions }), {});
}

test("genSignedCert gives a certificate that the authority's key verifies when both are made in a template", () => {
  const [authorityText = "", certificateText = "", keyText = ""] = render(
    `{{ $ca := genCA "my ca" 365 }}{{ $c := genSignedCert "web" (list "10.0.0.1" "fd00::1") (list "web.local") 30 $ca }}
{{- $ca.Cert }}|{{ $c.Cert }}|{{ $c.Key }}`,
  ).split("|");
  const authority = new X509Certificate(authorityText);
  const certificate = new X509Certificate(certificateText);
  expect(authority.ca).toBe(true);
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(certificate.checkIssued(authority)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(keyText))).toBe(true);
  expect(certificate.subject).toBe("CN=web");
  expect(certificate.subjectAltName).toBe("DNS:web.local, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1");
  expect(new Date(certificate.validFrom).toISOString()).toBe("2023-11-14T22:13:20.000Z");
  expect(new Date(certificate.validTo).toISOString()).toBe("2023-12-14T22:13:20.000Z");
});

test.each(["ecdsa", "ed25519"])(
  "genSelfSignedCertWithKey gives a certificate that verifies itself when the key is %s",
  (type) => {
    const text = render(`{{ (genSelfSignedCertWithKey "x" (list) (list "a") 1 (genPrivateKey "${type}")).Cert }}`);
    const certificate = new X509Certificate(text);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  },
);

test("htpasswd takes its hash from the source when there is one", () => {
  expect(render(`{{ htpasswd "admin" "secret" }}`)).toBe("admin:$2a$10$secret");
});
