import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface ScriptedRegistry {
  /** For instance `127.0.0.1:40123`. */
  readonly name: string;
  /** Every request but the probe of `/v2/`, as `METHOD path`, with `+auth` where it proves who asks. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

export type Script = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A server that says what a test wants it to say; `count` is the number of the request, from 1. */
export async function startScriptedRegistry(script: Script): Promise<ScriptedRegistry> {
  const log: string[] = [];
  const server = createServer((request, response) => {
    if (request.url === "/v2/" && request.headers.authorization === undefined) {
      response.end("{}");
      return;
    }
    log.push(`${request.method} ${request.url}${request.headers.authorization === undefined ? "" : " +auth"}`);
    script(request, response, log.length);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    name: `127.0.0.1:${address.port}`,
    log,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Answers with a status, headers and a body at once. */
export function reply(
  response: ServerResponse,
  status: number,
  { body = "", ...headers }: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-length": String(Buffer.byteLength(body)), ...headers });
  response.end(body);
}
