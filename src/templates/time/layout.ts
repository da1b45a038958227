/** A piece of a Go time layout: literal text, or an element such as `2006` or `Jan`. */
export interface LayoutPart {
  readonly element: string | undefined;
  readonly text: string;
}

const ELEMENT =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|__2|_2006|_2|002|0[1-6]|15|2006|1|2|3|4|5|PM|pm|[-Z]07:00:00|[-Z]070000|[-Z]07:00|[-Z]0700|[-Z]07|[.,](?:0+|9+)(?![0-9])/g;

/** Splits a layout into what stands for itself and what stands for a part of a time. */
export function splitLayout(layout: string): readonly LayoutPart[] {
  const parts: LayoutPart[] = [];
  let end = 0;
  for (const match of layout.matchAll(ELEMENT)) {
    if (match.index > end) parts.push({ element: undefined, text: layout.slice(end, match.index) });
    const [text] = match;
    if (text === "_2006") parts.push({ element: undefined, text: "_" }, { element: "2006", text: "2006" });
    else parts.push({ element: text, text });
    end = match.index + text.length;
  }
  if (end < layout.length) parts.push({ element: undefined, text: layout.slice(end) });
  return parts;
}

export const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
export const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
