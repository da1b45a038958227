/** What `go build` calls the program of a package: the last element of its path that is not a major version. */
export function programName(goPackage: string): string {
  const elements = goPackage.split("/");
  const last = elements.at(-1) ?? "";
  return /^v[2-9]\d*$|^v1\d+$/.test(last) && elements.length > 1 ? (elements.at(-2) ?? last) : last;
}
