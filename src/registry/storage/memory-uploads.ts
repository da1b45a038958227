import { createHash, randomUUID, type Hash } from "node:crypto";

import type { Bytes } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { NotFoundError } from "../../base/error.ts";
import { algorithmOf, digestFromHash, type Digest } from "../../oci/digest.ts";
import { IntegrityError } from "../../oci/errors.ts";
import { MemoryContent, type MemoryBudget } from "./memory-content.ts";
import type { Upload, UploadReader, UploadStorage } from "./storage.ts";

interface Session {
  readonly repository: string;
  readonly content: MemoryContent;
  readonly hash: Hash;
  isBusy: boolean;
}

/** The uploads of all repositories, by their IDs, the oldest first. */
export type MemorySessions = Map<string, Session>;

/** The unfinished uploads of one repository in memory. */
export class MemoryUploads implements UploadStorage {
  readonly #repository: string;
  readonly #sessions: MemorySessions;
  readonly #budget: MemoryBudget;

  constructor(repository: string, { sessions, budget }: { sessions: MemorySessions; budget: MemoryBudget }) {
    this.#repository = repository;
    this.#sessions = sessions;
    this.#budget = budget;
  }

  async start(): Promise<Upload> {
    const id = randomUUID();
    const hash = createHash("sha256");
    this.#sessions.set(id, { repository: this.#repository, content: new MemoryContent(), hash, isBusy: false });
    return { id, sizeBytes: 0 };
  }

  async find(id: string): Promise<Upload | undefined> {
    const session = this.#find(id);
    return session && { id, sizeBytes: session.content.sizeBytes };
  }

  async append(
    ctx: Context,
    { id }: Upload,
    content: Bytes,
    onWritten?: (sizeBytes: number) => void,
  ): Promise<Upload | undefined> {
    const session = this.#find(id);
    if (!session || session.isBusy) return undefined;
    session.isBusy = true;
    try {
      for await (const piece of content) {
        ctx.signal.throwIfAborted();
        this.#take(piece.byteLength);
        session.content.append(piece);
        session.hash.update(piece);
        onWritten?.(session.content.sizeBytes);
      }
    } finally {
      session.isBusy = false;
    }
    return { id, sizeBytes: session.content.sizeBytes };
  }

  async openReader({ id }: Upload): Promise<UploadReader> {
    const { content } = this.#require(id);
    return { read: (ctx, range) => content.read(ctx, range), [Symbol.asyncDispose]: async () => undefined };
  }

  async cancel(id: string): Promise<void> {
    const session = this.#find(id);
    if (!session) return;
    this.#sessions.delete(id);
    this.#budget.give(session.content.sizeBytes);
  }

  /** The content of a whole upload, which is gone then. @throws {IntegrityError} when it has another digest. */
  async finish(id: string, expected: Digest): Promise<MemoryContent> {
    const { content, hash } = this.#require(id);
    const actual = algorithmOf(expected) === "sha256" ? digestFromHash(hash) : content.digest(algorithmOf(expected));
    if (actual === expected) {
      this.#sessions.delete(id);
      return content;
    }
    await this.cancel(id);
    throw new IntegrityError(`Cannot store ${expected}: the content has the digest ${actual}`);
  }

  /** Makes room by forgetting uploads that nobody goes on with, the oldest first. */
  #take(sizeBytes: number): void {
    for (;;) {
      try {
        this.#budget.take(sizeBytes);
        return;
      } catch (error) {
        const idle = [...this.#sessions].find(([, { isBusy, content }]) => !isBusy && content.sizeBytes > 0);
        if (!idle) throw error;
        this.#sessions.delete(idle[0]);
        this.#budget.give(idle[1].content.sizeBytes);
      }
    }
  }

  #find(id: string): Session | undefined {
    const session = this.#sessions.get(id);
    return session?.repository === this.#repository ? session : undefined;
  }

  #require(id: string): Session {
    const session = this.#find(id);
    if (session) return session;
    throw new NotFoundError("IMAGE_NOT_FOUND", `Cannot find upload "${id}" of repository "${this.#repository}"`);
  }
}
