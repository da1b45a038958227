import { posix } from "node:path";

import type { FileTree } from "../context/file-tree.ts";
import { readText } from "../context/read-text.ts";
import { readShell } from "./shell-lines.ts";

/** What an image says about itself that decides which container images it needs. */
export interface ImageSettings {
  readonly environment: Readonly<Record<string, string>>;
  /** Shell lines: those of ENTRYPOINT and CMD. */
  readonly commands: readonly string[];
}

/** A `helm install` or `helm upgrade` that an image runs. */
export interface HelmCommand {
  /** Folder or package, relative to the image; may have wildcards. */
  readonly chart: string;
  readonly release: string | undefined;
  readonly namespace: string | undefined;
  /** Values files, relative to the image. */
  readonly files: readonly string[];
  readonly set: readonly string[];
  readonly setString: readonly string[];
  readonly setJson: readonly string[];
  readonly setLiteral: readonly string[];
}

const SCRIPT = /^[\w./-]+\.(?:ba)?sh$/;
const VERBS = new Set(["install", "upgrade", "template"]);
const BOOLEANS = new Set(
  (
    "atomic cleanup-on-fail create-namespace debug dependency-update devel disable-openapi-validation dry-run " +
    "enable-dns force generate-name hide-notes include-crds insecure-skip-tls-verify install no-hooks pass-credentials " +
    "plain-http render-subchart-notes replace reset-then-reuse-values reset-values reuse-values skip-crds " +
    "skip-schema-validation take-ownership verify wait wait-for-jobs i g h"
  ).split(" "),
);

/** The helm commands that an image's command lines run, themselves or in scripts that they call by name. */
export function findHelmCommands(context: FileTree, { commands, environment }: ImageSettings): readonly HelmCommand[] {
  const own = commands.flatMap((line) => readShell(line, environment));
  const called = own.flatMap((words) => {
    const script = words.slice(0, 2).find((word) => SCRIPT.test(word));
    const entry = script === undefined ? undefined : context.find(posix.normalize(script));
    return entry?.type === "file" ? readShell(readText(entry), environment) : [];
  });
  return [...own, ...called].flatMap((words) => readHelm(words) ?? []);
}

function readHelm(words: readonly string[]): HelmCommand | undefined {
  const start = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  if (start < 0 || posix.basename(words[start] ?? "") !== "helm") return undefined;
  const { positionals, values } = readFlags(words.slice(start + 1));
  const [verb = "", ...names] = positionals;
  const chart = names.at(-1);
  if (!VERBS.has(verb) || chart === undefined) return undefined;
  const all = (...flags: readonly string[]): string[] =>
    values.flatMap(([flag, value]) => (flags.includes(flag) ? [value] : []));
  return {
    chart: posix.normalize(chart).replace(/\/$/, ""),
    release: names.length > 1 ? names[0] : undefined,
    namespace: all("n", "namespace").at(-1),
    files: all("f", "values").flatMap((value) => value.split(",").map((file) => posix.normalize(file))),
    set: all("set"),
    setString: all("set-string"),
    setJson: all("set-json"),
    setLiteral: all("set-literal"),
  };
}

interface Flags {
  readonly positionals: readonly string[];
  readonly values: readonly (readonly [flag: string, value: string])[];
}

function readFlags(words: readonly string[]): Flags {
  const positionals: string[] = [];
  const values: [string, string][] = [];
  const rest = words.values();
  for (const word of rest) {
    const [, flag, value] = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (flag === undefined) positionals.push(word);
    else if (value !== undefined) values.push([flag, value]);
    else if (!BOOLEANS.has(flag)) values.push([flag, rest.next().value ?? ""]);
  }
  return { positionals, values };
}
