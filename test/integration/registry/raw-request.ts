import { connect } from "node:net";

/** Sends bytes as they are; `ends`: and nothing more. @returns everything that comes back until the server closes the connection. */
export async function sendRaw(name: string, text: string | Uint8Array, { ends = false } = {}): Promise<string> {
  const socket = connect(Number(name.split(":")[1]), "127.0.0.1");
  const pieces: Buffer[] = [];
  socket.on("data", (piece: Buffer) => void pieces.push(piece));
  socket.on("error", () => undefined); // whoever sends garbage may be cut off
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write(text);
  if (ends) socket.end();
  await closed;
  return Buffer.concat(pieces).toString("latin1");
}

/** The status codes of all answers. */
export function statusesOf(answer: string): number[] {
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
}
