import type { Report } from "./diagnostic.ts";
import { physicalLineAt, type Escape } from "./logical-line.ts";
import type { Source, Span } from "./source.ts";

/** `# name=value` at the top of the file, before anything else. */
export interface Directive {
  readonly kind: "directive";
  readonly name: string;
  readonly value: string;
  readonly span: Span;
}

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;
const KNOWN = new Set(["syntax", "escape", "check"]);

/** Reads the directives from `start` on. Another comment, an empty line or an instruction ends them. */
export function readDirectives(source: Source, start: number, report: Report): readonly Directive[] {
  const directives: Directive[] = [];
  let offset = start;
  while (offset < source.text.length) {
    const line = physicalLineAt(source, offset);
    const match = DIRECTIVE.exec(source.text.slice(line.start, line.end));
    if (!match) break;
    const directive = toDirective(match, { start: line.start, end: line.end });
    if (KNOWN.has(directive.name)) {
      if (directives.some(({ name }) => name === directive.name)) reportRepeated(directive, report);
      directives.push(directive);
    }
    offset = line.next;
  }
  return directives;
}

/** The escape character that the directives choose. */
export function chooseEscape(directives: readonly Directive[], report: Report): Escape {
  const directive = directives.find(({ name }) => name === "escape");
  if (!directive || directive.value === "\\") return "\\";
  if (directive.value === "`") return "`";
  report(directive.span, {
    code: "INVALID_DIRECTIVE",
    message: `The escape character cannot be "${directive.value}"`,
    hint: "Write # escape=\\ or # escape=`",
  });
  return "\\";
}

function toDirective(match: RegExpExecArray, span: Span): Directive {
  return { kind: "directive", name: (match[1] ?? "").toLowerCase(), value: match[2] ?? "", span };
}

function reportRepeated({ name, span }: Directive, report: Report): void {
  report(span, {
    code: "INVALID_DIRECTIVE",
    message: `The directive "${name}" is given twice`,
    hint: "Keep one of them",
  });
}
