import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface CuttingProxy {
  /** For instance `127.0.0.1:40123`: a registry that is reached by a bad line. */
  readonly name: string;
  /** What clients have sent, in bytes. */
  readonly sentBytes: () => number;
  /** What they have received. */
  readonly receivedBytes: () => number;
  /** From now on a connection breaks when its client has sent so much. */
  cutAfter(sizeBytes: number): void;
  /** From now on a connection takes no more of its client when that has sent so much; Infinity: all do again. */
  stallAfter(sizeBytes: number): void;
  /** The same for what the registry answers. */
  stallAnswersAfter(sizeBytes: number): void;
  close(): Promise<void>;
}

/** Forwards connections to a registry on this machine. */
export async function startCuttingProxy(registry: string): Promise<CuttingProxy> {
  let cutBytes = Number.POSITIVE_INFINITY;
  let stallBytes = Number.POSITIVE_INFINITY;
  let stallAnswerBytes = Number.POSITIVE_INFINITY;
  let totalBytes = 0;
  let totalAnswerBytes = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(registry.split(":")[1]), "127.0.0.1");
    let bytes = 0;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", end).on("close", end);
    }
    client.on("data", (piece: Buffer) => {
      bytes += piece.byteLength;
      totalBytes += piece.byteLength;
      // What has arrived is passed on before the line breaks.
      if (bytes >= cutBytes) upstream.write(piece, () => setTimeout(end, 20));
      else if (!upstream.write(piece) || bytes >= stallBytes) client.pause();
    });
    upstream.on("drain", () => {
      if (bytes < stallBytes) client.resume();
    });
    let answerBytes = 0;
    upstream.on("data", (piece: Buffer) => {
      answerBytes += piece.byteLength;
      totalAnswerBytes += piece.byteLength;
      if (!client.write(piece) || answerBytes >= stallAnswerBytes) upstream.pause();
    });
    client.on("drain", () => {
      if (answerBytes < stallAnswerBytes) upstream.resume();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    name: `127.0.0.1:${address.port}`,
    sentBytes: () => totalBytes,
    receivedBytes: () => totalAnswerBytes,
    cutAfter(sizeBytes) {
      cutBytes = sizeBytes;
    },
    stallAfter(sizeBytes) {
      stallBytes = sizeBytes;
      for (const socket of sockets) socket.resume();
    },
    stallAnswersAfter(sizeBytes) {
      stallAnswerBytes = sizeBytes;
      for (const socket of sockets) socket.resume();
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
