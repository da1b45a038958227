import { toDisplay, type Command } from "./command.ts";
import type { FileRange, RemoteFile, Transport } from "./transport.ts";

/** What would have been done to a host. */
export type RecordedCall =
  | { readonly op: "run"; readonly command: Command }
  | { readonly op: "put-file"; readonly file: RemoteFile }
  /** `sizeBytes` is absent for a stream: it is not read. */
  | { readonly op: "send"; readonly command: Command; readonly sizeBytes: number | undefined };

const NOTHING = { stdout: "", stderr: "", exitCode: 0 };

/** Lets queries through to the host and records everything that would change it. */
export function dryRun(transport: Transport, record: (call: RecordedCall) => void): Transport {
  return {
    query: (ctx, command) => transport.query(ctx, command),
    run: async (_ctx, command) => {
      record({ op: "run", command });
      return NOTHING;
    },
    putFile: async (_ctx, file) => record({ op: "put-file", file }),
    send: async (_ctx, command, content) => {
      record({ op: "send", command, sizeBytes: isFileRange(content) ? content.length : undefined });
      return NOTHING;
    },
    close: () => transport.close(),
  };
}

/** One line for a plan; contents of files are not shown. */
export function describeCall(call: RecordedCall): string {
  if (call.op === "put-file") return `write ${call.file.path}`;
  if (call.op === "run") return `run ${toDisplay(call.command)}`;
  const size = call.sizeBytes === undefined ? "content" : `${call.sizeBytes} bytes`;
  return `send ${size} to ${toDisplay(call.command)}`;
}

function isFileRange(content: object): content is FileRange {
  return "path" in content;
}
