import type { Finding } from "./diagnostic.ts";

/**
 * The elements of a JSON array of strings; undefined when `text` is not one and so is the shell form. Only an array of
 * something else is an error, as everywhere in the Dockerfile world; what only looks like JSON is a warning.
 */
export function readJsonArray(text: string, report: (finding: Finding) => void): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  const elements = parseArray(text);
  if (elements === undefined) {
    if (/^\[\s*["'\u2018-\u201f]/.test(text)) report(LOOKS_LIKE_JSON);
    return undefined;
  }
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

const NOT_STRINGS: Finding = {
  code: "JSON_FORM",
  message: "The JSON form has elements that are not strings",
  hint: "Put each element in double quotes",
};

function parseArray(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
