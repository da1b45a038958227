import { InputError, messageOf } from "../../base/error.ts";
import { parseReference, renderReference, type Reference } from "../../oci/reference.ts";
import type { FileTree } from "../context/file-tree.ts";
import { readText } from "../context/read-text.ts";
import { walkTree } from "../context/walk-tree.ts";
import { linesOf } from "./lines.ts";
import type { ArchivedImage, Mention } from "./scanned-image.ts";

const LISTS_FOLDER = "images/shim";
const PREFIX = /^(?:containers-storage:|docker-daemon:|docker:\/\/)/;
const ARCHIVE = /^(docker-archive|oci-archive):([^@]+)@(.+)$/;
const ARCHIVES_FOLDER = "images/skopeo";
const ARCHIVES_FILE = `${ARCHIVES_FOLDER}/tar.txt`;

/**
 * The images that the files below `images/shim` name, one a line. Empty lines and those that begin with `#` are left out.
 * @throws {InputError} with every line that is not the name of an image
 */
export function listImages(context: FileTree): readonly Mention[] {
  const problems: string[] = [];
  const mentions: Mention[] = [];
  for (const [file, entry] of walkTree(context, LISTS_FOLDER)) {
    if (entry.type !== "file") continue;
    for (const { text, line } of linesOf(readText(entry))) {
      const name = text.replace(PREFIX, "");
      try {
        parseReference(name);
        mentions.push({ text: name, place: { file, line } });
      } catch (error) {
        problems.push(`${file}:${line}: ${messageOf(error)}`);
      }
    }
  }
  if (problems.length === 0) return mentions;
  throw new InputError(`Cannot read the image lists:\n${problems.join("\n")}`, {
    hint: "Write one image a line, for instance registry.k8s.io/pause:3.10",
  });
}

/**
 * The images that `images/skopeo/tar.txt` names, one a line: `docker-archive:FILE@NAME` or `oci-archive:FILE@NAME`. The
 * file is beside the list, or its path begins at the context.
 * @throws {InputError} with every line that is something else or whose file is not there
 */
export function listArchives(context: FileTree): readonly ArchivedImage[] {
  const problems: string[] = [];
  const archives: ArchivedImage[] = [];
  for (const { text, line } of linesOf(readText(context.find(ARCHIVES_FILE) ?? {}))) {
    try {
      archives.push(readArchiveLine(context, text, line));
    } catch (error) {
      problems.push(`${ARCHIVES_FILE}:${line}: ${messageOf(error)}`);
    }
  }
  if (problems.length === 0) return archives;
  throw new InputError(`Cannot read the list of image archives:\n${problems.join("\n")}`, {
    hint: "Write one archive a line, for instance docker-archive:nginx.tar@nginx:1.27",
  });
}

/** Reads `docker-archive:FILE@NAME` or `oci-archive:FILE@NAME`. @throws {InputError} */
export function parseArchive(text: string): {
  readonly format: ArchivedImage["archive"]["format"];
  readonly file: string;
  readonly reference: Reference;
} {
  const [, format, file = "", name = ""] = ARCHIVE.exec(text) ?? [];
  if (format !== "docker-archive" && format !== "oci-archive") {
    throw new InputError(`expected docker-archive:FILE@NAME or oci-archive:FILE@NAME, found "${text}"`);
  }
  return { format, file, reference: parseReference(name) };
}

function readArchiveLine(context: FileTree, text: string, line: number): ArchivedImage {
  const { format, file, reference } = parseArchive(text);
  const path = [`${ARCHIVES_FOLDER}/${file}`, file].find((path) => context.find(path)?.type === "file");
  if (path === undefined) throw new InputError(`there is no file "${file}" in ${ARCHIVES_FOLDER}`);
  const places = [{ file: ARCHIVES_FILE, line }];
  return { name: renderReference(reference), reference, places, archive: { format, path } };
}
