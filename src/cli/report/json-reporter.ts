import type { Reporter, ReportStream } from "./reporter.ts";

/** Every event as one JSON object a line. */
export function jsonReporter(stream: ReportStream): Reporter {
  return {
    listener: (event) => {
      stream.write(`${JSON.stringify(event)}\n`);
    },
    close: () => {},
  };
}
