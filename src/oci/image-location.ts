import { assertNever, InputError } from "../base/error.ts";
import { parseReference, type Reference } from "./reference.ts";

/** Where an image is, as skopeo and buildah write it: `transport:details`; without a transport, the local store. */
export type ImageLocation =
  | { readonly transport: "store"; readonly name: string }
  | { readonly transport: "docker"; readonly reference: Reference }
  | FileLocation
  | { readonly transport: "dir"; readonly path: string }
  | StorageLocation;

/** A folder or archive that can hold several images. */
export interface FileLocation {
  readonly transport: "oci" | "oci-archive" | "docker-archive";
  readonly path: string;
  /** Which image: a name, or `@` and its position; absent: the only one. */
  readonly name?: string | undefined;
}

/** An image of podman, buildah or CRI-O on this machine. */
export interface StorageLocation {
  readonly transport: "containers-storage";
  /** A name, or `@` and an image ID. */
  readonly name: string;
  /** Absent: those of the user and of root. */
  readonly root?: string | undefined;
}

const TRANSPORT = /^(docker|oci|oci-archive|docker-archive|dir|containers-storage):/;
const OTHER_TRANSPORT = /^(docker-daemon|ostree|sif|atomic|tarball|docker-dir|oci-dir|https?):/;

const OTHER_HINTS: Readonly<Record<string, string>> = {
  "docker-daemon": "Write it to a file with `docker save`, and use docker-archive:FILE",
  "docker-dir": "Write dir:DIR",
  "oci-dir": "Write oci:DIR",
};

/**
 * Reads `docker://NAME`, `oci:DIR[:NAME]`, `oci-archive:FILE[:NAME]`, `docker-archive:FILE[:NAME]`, `dir:DIR`,
 * `containers-storage:[[DRIVER@]ROOT]NAME`, or the name of an image in the local store.
 * @throws {InputError} for another transport, {KnownError} INVALID_REFERENCE
 */
export function parseLocation(text: string): ImageLocation {
  const transport = TRANSPORT.exec(text)?.[1];
  if (transport === undefined) {
    requireKnownTransport(text);
    return { transport: "store", name: text };
  }
  const rest = text.slice(transport.length + 1);
  switch (transport) {
    case "docker":
      return { transport, reference: parseDockerReference(text, rest) };
    case "oci":
    case "oci-archive":
    case "docker-archive":
      return { transport, ...splitPath(text, rest) };
    case "dir":
      if (rest === "") throw invalid(text, "expected dir:DIR");
      return { transport, path: rest };
    default:
      return { transport: "containers-storage", ...splitStorage(text, rest) };
  }
}

/** The same as text. */
export function renderLocation(location: ImageLocation): string {
  switch (location.transport) {
    case "store":
      return location.name;
    case "docker": {
      const { registry, repository, tag, digest } = location.reference;
      const name = `${registry}/${repository}`;
      return `docker://${name}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
    }
    case "dir":
      return `dir:${location.path}`;
    case "containers-storage":
      return `containers-storage:${location.root === undefined ? "" : `[${location.root}]`}${location.name}`;
    case "oci":
    case "oci-archive":
    case "docker-archive":
      return `${location.transport}:${location.path}${location.name === undefined ? "" : `:${location.name}`}`;
    default:
      return assertNever(location);
  }
}

function requireKnownTransport(text: string): void {
  const other = OTHER_TRANSPORT.exec(text)?.[1];
  if (other === undefined) return;
  throw new InputError(`Cannot use "${text}": the transport "${other}:" is not supported`, {
    hint: OTHER_HINTS[other] ?? "Use docker://, oci:, oci-archive:, docker-archive:, dir: or containers-storage:",
  });
}

function parseDockerReference(text: string, rest: string): Reference {
  if (!rest.startsWith("//")) throw invalid(text, "expected docker:// and a name");
  return parseReference(rest.slice(2));
}

function splitPath(text: string, rest: string): { path: string; name?: string } {
  const colon = rest.indexOf(":");
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const name = colon < 0 ? "" : rest.slice(colon + 1);
  if (path === "") throw invalid(text, "the path is missing");
  return name === "" ? { path } : { path, name };
}

function splitStorage(text: string, rest: string): { name: string; root?: string } {
  const match = /^(?:\[(?:[a-z]+@)?([^+:\]]+)[^\]]*\])?(.+)$/.exec(rest);
  const [, root, name] = match ?? [];
  if (name === undefined) throw invalid(text, "expected containers-storage: and a name");
  return root === undefined ? { name } : { name, root };
}

function invalid(text: string, reason: string): InputError {
  return new InputError(`Cannot read the image location "${text}": ${reason}`, {
    hint: "Write for instance docker://registry/name:tag or oci-archive:FILE:NAME",
  });
}
