/** How a task ended. `cached` and `skipped` mean: nothing had to be done. */
export type Outcome = "done" | "cached" | "skipped" | "failed";

/** The one event stream of the program; reporters turn it into a tree, lines or JSON. */
export type ProgressEvent =
  | { readonly type: "started"; readonly id: number; readonly parent: number | undefined; readonly title: string }
  | {
      readonly type: "advanced";
      readonly id: number;
      readonly current: number;
      /** Absent when it is not known how much there is. */
      readonly total?: number | undefined;
    }
  | { readonly type: "output"; readonly id: number; readonly line: string }
  | {
      readonly type: "finished";
      readonly id: number;
      readonly outcome: Outcome;
      readonly note?: string | undefined;
      readonly elapsedMs: number;
    };

export type ProgressListener = (event: ProgressEvent) => void;

/** One task in the tree: phase, host or file. */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #id: number | undefined;
  readonly #startedMs: number;
  #outcome: Outcome = "done";
  #note: string | undefined;

  private constructor(stream: ProgressStream, id: number | undefined) {
    this.#stream = stream;
    this.#id = id;
    this.#startedMs = stream.nowMs();
  }

  /** The root of a tree: it has no title and is never shown itself. */
  static root(listener: ProgressListener, nowMs: () => number): Progress {
    return new Progress({ listener, nowMs, nextId: 1 }, undefined);
  }

  start(title: string): Progress {
    const id = this.#stream.nextId++;
    this.#stream.listener({ type: "started", id, parent: this.#id, title });
    return new Progress(this.#stream, id);
  }

  /** @param total absent when unknown; both in bytes unless the task's title says otherwise. */
  advance(current: number, total?: number): void {
    if (this.#id !== undefined) this.#stream.listener({ type: "advanced", id: this.#id, current, total });
  }

  output(line: string): void {
    if (this.#id !== undefined) this.#stream.listener({ type: "output", id: this.#id, line });
  }

  /** Decides how the task will be shown when it ends without an error. */
  mark(outcome: Outcome, note?: string): void {
    this.#outcome = outcome;
    this.#note = note;
  }

  /** Adds a remark, for instance a size, without changing the outcome. */
  note(note: string): void {
    this.#note = note;
  }

  finish(outcome: Outcome = this.#outcome): void {
    if (this.#id === undefined) return;
    const elapsedMs = this.#stream.nowMs() - this.#startedMs;
    this.#stream.listener({ type: "finished", id: this.#id, outcome, note: this.#note, elapsedMs });
  }
}

interface ProgressStream {
  readonly listener: ProgressListener;
  readonly nowMs: () => number;
  nextId: number;
}
