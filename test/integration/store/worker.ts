/** A process that uses a store: `node worker.ts ROOT TASK [ARGUMENT]`. Prints a line when it has got so far. */
import { setTimeout } from "node:timers/promises";

import { bytesOf, type Bytes } from "../../../src/base/bytes.ts";
import { backgroundContext } from "../../../src/base/context.ts";
import { KnownError } from "../../../src/base/error.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { MEDIA_TYPES } from "../../../src/oci/media-type.ts";
import { ImageStore } from "../../../src/store/image-store.ts";

const ctx = backgroundContext();
const [root = "", task = "", argument = ""] = process.argv.slice(2);

const TASKS: Readonly<Record<string, (store: ImageStore) => Promise<void>>> = {
  /** Begins a push and never ends it. */
  async hang(store) {
    await store.push(ctx, textDescriptor("never finished"), endless());
  },
  /** Asks for a text, as a build does for a layer that is there, and lives on. */
  async use(store) {
    if (await store.has(ctx, textDescriptor(argument))) console.log("using");
    await setTimeout(60_000);
  },
  /** Names twenty images, one after the other. */
  async tag(store) {
    for (let index = 0; index < 20; index++) {
      const document = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [], annotations: { argument } };
      const content = Buffer.from(JSON.stringify(document));
      const descriptor = { mediaType: MEDIA_TYPES.ociIndex, digest: digestOf(content), size: content.byteLength };
      await store.push(ctx, descriptor, bytesOf(content));
      await store.tag(ctx, descriptor, `localhost/${argument}:v${index}`);
    }
  },
  /** Pushes more than fits. */
  async fill(store) {
    const content = Buffer.alloc(8 * 1024 * 1024);
    const descriptor = { mediaType: "text/plain", digest: digestOf(content), size: content.byteLength };
    await store.push(ctx, descriptor, bytesOf(content));
  },

  async fillSlowly(store) {
    const content = Buffer.alloc(8 * 1024 * 1024);
    const descriptor = { mediaType: "text/plain", digest: digestOf(content), size: content.byteLength };
    await store.receive(ctx, descriptor, async (offset) => bytesOf(content.subarray(offset)));
  },
};

function textDescriptor(text: string) {
  return { mediaType: "text/plain", digest: digestOf(text), size: text.length };
}

async function* endless(): Bytes {
  yield Buffer.from("never");
  await setTimeout(100);
  console.log("hanging");
  await setTimeout(60_000);
}

try {
  await TASKS[task]?.(await ImageStore.open(ctx, root));
} catch (error) {
  console.log(error instanceof KnownError ? `${error.code} ${error.message}` : String(error));
}
