import { assertNever } from "../../base/error.ts";
import type { Outcome, ProgressEvent } from "../../base/progress.ts";

/** One task as reporters see it: what its events have said so far. */
export interface Task {
  readonly title: string;
  readonly parent: Task | undefined;
  /** 1 for a task without a parent. */
  readonly depth: number;
  readonly startedMs: number;
  readonly children: Task[];
  progress: { readonly current: number; readonly total: number | undefined } | undefined;
  lastLine: string | undefined;
  end: { readonly outcome: Outcome; readonly note: string | undefined; readonly elapsedMs: number } | undefined;
}

/** The tasks of an event stream, in the order of their start. */
export class TaskTree {
  readonly #tasks = new Map<number, Task>();
  readonly #roots: Task[] = [];

  get roots(): readonly Task[] {
    return this.#roots;
  }

  /** @returns the task that the event is about, undefined when it is of a task that has been dropped. */
  apply(event: ProgressEvent, nowMs: number): Task | undefined {
    if (event.type === "started") return this.#start(event, nowMs);
    const task = this.#tasks.get(event.id);
    if (!task) return undefined;
    switch (event.type) {
      case "advanced":
        task.progress = { current: event.current, total: event.total };
        return task;
      case "output":
        task.lastLine = event.line;
        return task;
      case "finished":
        task.end = { outcome: event.outcome, note: event.note, elapsedMs: event.elapsedMs };
        this.#tasks.delete(event.id);
        return task;
      default:
        return assertNever(event);
    }
  }

  /** Takes away the first roots as far as they have ended. */
  takeFinishedRoots(): Task[] {
    const running = this.#roots.findIndex(({ end }) => end === undefined);
    return this.#roots.splice(0, running < 0 ? this.#roots.length : running);
  }

  #start(event: ProgressEvent & { type: "started" }, nowMs: number): Task {
    const parent = event.parent === undefined ? undefined : this.#tasks.get(event.parent);
    const task: Task = {
      title: event.title,
      parent,
      depth: (parent?.depth ?? 0) + 1,
      startedMs: nowMs,
      children: [],
      progress: undefined,
      lastLine: undefined,
      end: undefined,
    };
    this.#tasks.set(event.id, task);
    (parent?.children ?? this.#roots).push(task);
    return task;
  }
}
