/** Dashes, then the key if there is one, tags and anchors, and what comes then. */
const LINE = /^( *(?:- +)*)((?:"[^"]*"|'[^']*'|[^\s"'#-].*?): +)?(?:[&!]\S* +)*(.*)$/;
const BLOCK_SCALAR = /^[|>][-+0-9]*(?: +#.*)?$/;
const ENDING = { '"': /^(?:[^"\\]|\\.)*"/s, "'": /^(?:[^']|'')*'(?!')/s };

/**
 * The text with the lines of quoted scalars in block style indented further than what they belong to. Go's library takes
 * such a line at any indentation, the `yaml` package does not. The meaning and the numbers of lines stay.
 */
export function indentQuotedLines(text: string): string {
  const output: string[] = [];
  /** Lines that are indented further belong to a block scalar. */
  let literal = Infinity;
  /** Set inside a quoted scalar. */
  let open: { readonly quote: '"' | "'"; readonly padding: string } | undefined;
  for (const line of text.split("\n")) {
    const content = line.trimStart();
    const indentation = line.length - content.length;
    if (open) {
      output.push(content === "" || indentation >= open.padding.length ? line : open.padding + content);
      if (ENDING[open.quote].test(content)) open = undefined;
      continue;
    }
    output.push(line);
    if (content === "" || indentation > literal) continue;
    const [, dashes = "", key, value = ""] = LINE.exec(line) ?? [];
    const parent = key === undefined ? dashes.lastIndexOf("-") : dashes.length;
    literal = BLOCK_SCALAR.test(value) ? parent : Infinity;
    const [quote] = value;
    if ((quote === '"' || quote === "'") && !ENDING[quote].test(value.slice(1))) {
      open = { quote, padding: " ".repeat(parent + 1) };
    }
  }
  return output.join("\n");
}
