import type { ProgressEvent } from "../../base/progress.ts";
import { renderDuration } from "../../base/text.ts";
import type { Reporter, ReportOptions } from "./reporter.ts";
import { TaskTree, type Task } from "./task-tree.ts";
import { toOneLine } from "./terminal-text.ts";

/** Deeper tasks, such as single files, would flood a log. */
const SHOWN_DEPTH = 2;

/** A line when a phase or a host starts and one when it ends; for pipes and log files. */
export function plainReporter({ stream, nowMs, showsOutput }: ReportOptions): Reporter {
  const tree = new TaskTree();
  return {
    listener: (event) => {
      const task = tree.apply(event, nowMs());
      const line = task && renderEvent(event, task, showsOutput);
      if (line !== undefined) stream.write(`${line}\n`);
      tree.takeFinishedRoots();
    },
    close: () => {},
  };
}

function renderEvent(event: ProgressEvent, task: Task, showsOutput: boolean): string | undefined {
  const indent = "  ".repeat(task.depth - 1);
  if (event.type === "output")
    return showsOutput ? `${indent}${toOneLine(`${task.title} | ${event.line}`)}` : undefined;
  if (task.depth > SHOWN_DEPTH) return undefined;
  const title = `${indent}${toOneLine(task.title)}`;
  if (event.type === "started") return `${title} ...`;
  if (event.type === "advanced") return undefined;
  const note = event.note === undefined ? "" : `, ${toOneLine(event.note)}`;
  return `${title}: ${OUTCOME_WORDS[event.outcome]} in ${renderDuration(event.elapsedMs)}${note}`;
}

const OUTCOME_WORDS = { done: "done", cached: "nothing to do", skipped: "skipped", failed: "failed" };
