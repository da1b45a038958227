import { once } from "node:events";
import type { ServerResponse } from "node:http";

import type { Bytes } from "../../base/bytes.ts";

/**
 * Sends content as the body of an answer and ends it. The next piece is asked for when the system has taken the last
 * one, whose memory may then be used again. @throws when the client is gone before all is sent.
 */
export async function sendContent(response: ServerResponse, content: Bytes): Promise<void> {
  let giveUp: (() => void) | undefined;
  const onClose = (): void => giveUp?.();
  response.once("close", onClose);
  const send = (piece: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      giveUp = () => reject(new Error("the client is gone"));
      if (response.destroyed) giveUp();
      else response.write(piece, (error) => (error ? reject(error) : resolve()));
    });
  try {
    for await (const piece of content) if (piece.byteLength > 0) await send(piece);
  } finally {
    response.off("close", onClose);
  }
  if (response.destroyed) throw new Error("the client is gone");
  const finished = once(response, "close");
  response.end();
  await finished;
}
