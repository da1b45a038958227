import { KnownError } from "../base/error.ts";
import type { ErrorDetails } from "../base/error.ts";

/** Where in which template something is wrong. Lines and columns count from 1 and 0, columns in bytes, as Go does. */
export interface TemplatePosition {
  readonly template: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** A template does not parse or cannot be executed. The message is the one that Go's text/template gives. */
export class TemplateError extends KnownError {
  readonly template: string;
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(message: string, position: TemplatePosition, details?: ErrorDetails) {
    super("TEMPLATE", message, details);
    this.template = position.template;
    this.line = position.line;
    this.column = position.column;
  }
}

/** A template function refuses its arguments; the executor adds where it was called. */
export class FunctionError extends Error {}
