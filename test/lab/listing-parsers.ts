import { array, looseObject, object, optional, parse, string } from "valibot";

/** Subjects with their states. */
export type Facts = Iterable<readonly [string, string]>;

type Entry = [string, string];

/** `path TAB state NUL` */
export function parseFiles(text: string): Entry[] {
  return split(text, "\0").map((record) => {
    const tab = record.indexOf("\t");
    return [`file ${record.slice(0, tab)}`, record.slice(tab + 1)];
  });
}

/** As `sha256sum -z` prints. */
export function parseContents(text: string): Entry[] {
  return split(text, "\0").map((record) => [`content ${record.slice(66)}`, record.slice(0, 64)]);
}

/** `name state preset` of unit files, then `name loaded active …` of units; those of logins come and go. */
export function parseUnits(text: string): Entry[] {
  return split(text, "\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([name = ""]) => !/^(user@|user-runtime-dir@|session-|run-|modprobe@)/.test(name))
    .map(([name = "", ...words]) =>
      words.length < 3
        ? [`unit file ${name}`, words[0] ?? ""]
        : [`unit ${name}`, `${words[0] ?? ""} ${words[1] ?? ""}`],
    );
}

/** /proc/self/mountinfo; a mount over another one has a number. */
export function parseMounts(text: string): Entry[] {
  const mounts = split(text, "\n").map((line): Entry => {
    const [mount = "", fileSystem = ""] = line.split(" - ");
    return [`mount ${mount.split(" ")[4] ?? ""}`, fileSystem.split(" ").slice(0, 2).join(" ")];
  });
  return numbered(mounts.filter(([subject]) => !subject.startsWith("mount /run/")));
}

const linksSchema = array(
  object({
    ifname: string(),
    link_type: string(),
    flags: array(string()),
    master: optional(string(), ""),
    linkinfo: optional(looseObject({ info_kind: optional(string()) })),
    addr_info: array(looseObject({ scope: string(), local: optional(string(), "") })),
  }),
);

/** `ip -d -j addr`; link-local addresses follow from random hardware addresses. */
export function parseLinks(text: string): Entry[] {
  const links: unknown = JSON.parse(text);
  return parse(linksSchema, links).map((link) => {
    const addresses = link.addr_info.filter(({ scope }) => scope !== "link").map(({ local }) => local);
    const kind = link.linkinfo?.info_kind ?? link.link_type;
    const state = link.flags.includes("UP") ? "up" : "down";
    return [`link ${link.ifname}`, [kind, state, link.master, ...addresses].filter(Boolean).join(" ")];
  });
}

/** `nft list ruleset`: one entry a table, without what its counters say. */
export function parseRuleset(text: string): Entry[] {
  return [...text.matchAll(/^table (\S+ \S+) \{\n([\s\S]*?)^\}/gm)].map(([, name = "", body = ""]) => [
    `nft table ${name}`,
    body
      .replaceAll(/counter packets \d+ bytes \d+/g, "counter")
      .replaceAll(/\s+/g, " ")
      .trim(),
  ]);
}

/** `name = value` */
export function parseSettings(text: string): Entry[] {
  return split(text, "\n").map((line) => {
    const [name = "", value = ""] = line.split(" = ");
    return [`sysctl ${name}`, value];
  });
}

/** Lines that are there or not. */
export function parseWords(kind: string): (text: string) => Entry[] {
  return (text) => numbered(split(text, "\n").map((line) => [`${kind} ${line.trim()}`, "there"]));
}

function numbered(entries: readonly Entry[]): Entry[] {
  const seen = new Map<string, number>();
  return entries.map(([subject, state]) => {
    const count = (seen.get(subject) ?? 0) + 1;
    seen.set(subject, count);
    return [count === 1 ? subject : `${subject} #${count}`, state];
  });
}

function split(text: string, separator: string): string[] {
  return text.split(separator).filter((part) => part.trim() !== "");
}
