import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate that openssl makes and that signs itself, with its key; for clients too. */
export function selfSignedCertificate(commonName: string): { readonly certificate: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), "certificate-test-"));
  const [keyFile, file] = [join(folder, "key"), join(folder, "certificate")];
  const algorithm = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  try {
    const argv = ["req", "-x509", ...algorithm, "-keyout", keyFile, "-out", file, "-subj", `/CN=${commonName}`];
    execFileSync("openssl", argv, { stdio: "pipe" });
    return { certificate: readFileSync(file, "utf8"), key: readFileSync(keyFile, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
