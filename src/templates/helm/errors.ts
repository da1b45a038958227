import { KnownError } from "../../base/error.ts";
import type { ErrorDetails } from "../../base/error.ts";

/** A chart or the values for it are wrong; templates that fail are a TemplateError. */
export class ChartError extends KnownError {
  constructor(message: string, details?: ErrorDetails) {
    super("CHART_INVALID", message, details);
  }
}
