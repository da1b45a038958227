import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach } from "vitest";

/** Answers the requests for a path in their order; the last answer is repeated. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface FileServer {
  readonly url: string;
  /** Method, path and range of every request. */
  readonly requests: readonly string[];
  /** Breaks off every connection, as a network does. */
  breakConnections(): void;
}

const servers: Server[] = [];

/** Serves files on loopback until the test ends. */
export async function serveFiles(files: Readonly<Record<string, Answer | readonly Answer[]>>): Promise<FileServer> {
  const requests: string[] = [];
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push([request.method, path, request.headers.range].filter(Boolean).join(" "));
    const answers = [files[path] ?? notFound].flat();
    const count = counts.get(path) ?? 0;
    counts.set(path, count + 1);
    (answers[count] ?? answers.at(-1) ?? notFound)(request, response);
  });
  servers.push(server);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    breakConnections: () => server.closeAllConnections(),
  };
}

/** A URL of loopback where nobody listens. */
export async function unusedUrl(): Promise<string> {
  const { url } = await serveFiles({});
  const server = servers.pop();
  const { promise, resolve } = Promise.withResolvers<void>();
  server?.close(() => resolve());
  await promise;
  return url;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

function notFound(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404).end("no such file");
}

/** The whole file, or the rest of it from where a range starts. */
export function whole(content: Buffer, headers: Readonly<Record<string, string>> = {}): Answer {
  return (request, response) => {
    const { start, rest, status, range } = cut(content, request);
    if (start >= content.byteLength) {
      response.writeHead(416).end();
      return;
    }
    response.writeHead(status, { ...headers, ...range, "content-length": rest.byteLength }).end(rest);
  };
}

/** Promises the rest of the file, sends so many bytes of it, and then nothing any more. */
export function stalled(content: Buffer, sizeBytes: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return (request, response) => {
    const { rest, status, range } = cut(content, request);
    response.writeHead(status, { ...headers, ...range, "content-length": rest.byteLength });
    response.write(rest.subarray(0, sizeBytes));
  };
}

export function status(code: number): Answer {
  return (_, response) => {
    response.writeHead(code).end();
  };
}

function cut(content: Buffer, request: IncomingMessage) {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const range = { "content-range": `bytes ${start}-${content.byteLength - 1}/${content.byteLength}` };
  return { start, rest: content.subarray(start), status: start > 0 ? 206 : 200, range: start > 0 ? range : {} };
}
