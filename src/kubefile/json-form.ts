import type { Finding } from "./diagnostic.ts";

/**
 * The elements of the JSON array of strings that `text` begins with; undefined when there is none, so that it is the
 * shell form. An array of something else is an error; what only looks like JSON or stands behind it is a warning.
 */
export function readJsonArray(text: string, report: (finding: Finding) => void): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  const end = endOfArray(text);
  const elements = parseArray(text.slice(0, end));
  if (elements === undefined) {
    if (/^\[\s*["'\u2018-\u201f]/.test(text)) report(LOOKS_LIKE_JSON);
    return undefined;
  }
  if (end < text.length) report(IGNORED_REST);
  const strings = elements.filter((element) => typeof element === "string");
  if (strings.length !== elements.length) report(NOT_STRINGS);
  return strings;
}

const LOOKS_LIKE_JSON: Finding = {
  code: "JSON_FORM",
  severity: "warning",
  message: "This begins like the JSON form but is not valid JSON, so it is taken as the shell form",
  hint: "Put each element in double quotes and write a backslash as \\\\",
};

const IGNORED_REST: Finding = {
  code: "JSON_FORM",
  severity: "warning",
  message: "What stands behind the JSON form is ignored",
  hint: "Remove it, or put a comment on a line of its own",
};

const NOT_STRINGS: Finding = {
  code: "JSON_FORM",
  message: "The JSON form has elements that are not strings",
  hint: "Put each element in double quotes",
};

/** Behind the bracket that closes the array; the text's end when none does. */
function endOfArray(text: string): number {
  let isQuoted = false;
  for (let offset = 0; offset < text.length; offset++) {
    const character = text[offset];
    if (isQuoted && character === "\\") offset++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === "]") return offset + 1;
  }
  return text.length;
}

function parseArray(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
