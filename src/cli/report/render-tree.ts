import type { Outcome } from "../../base/progress.ts";
import { renderDuration, renderSize } from "../../base/text.ts";
import type { Task } from "./task-tree.ts";
import { fit, toOneLine, widthOf } from "./terminal-text.ts";

export type Style = "good" | "bad" | "busy" | "dim" | "plain";

/** A line as pieces with a style each, so that its width is known before colours come in. */
export type StyledLine = readonly { readonly text: string; readonly style: Style }[];

export interface TreeView {
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
}

const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const SPINNER_MS = 100;
const SYMBOLS = { done: "✓", cached: "✓", skipped: "-", failed: "✗" } as const;

/** The tasks that run, each under its parent; what has ended is a number at its parent. */
export function renderRunning(roots: readonly Task[], view: TreeView): StyledLine[] {
  const lines = roots.flatMap((root) => renderSubtree(root, view));
  if (lines.length <= view.rows) return lines;
  const shown = lines.slice(0, Math.max(1, view.rows - 1));
  return [...shown, [{ text: fit(`  … ${lines.length - shown.length} more`, view.columns), style: "dim" }]];
}

/** What stays on the screen of a task that has ended: its line, and those of failed tasks below it. */
export function renderFinished(task: Task, view: TreeView): StyledLine[] {
  const failed = task.children.filter(({ end }) => end?.outcome === "failed");
  return [renderTask(task, view), ...failed.flatMap((child) => renderFinished(child, view))];
}

function renderSubtree(task: Task, view: TreeView): StyledLine[] {
  const children = task.children.filter(({ end }) => end === undefined || end.outcome === "failed");
  return [renderTask(task, view), ...children.flatMap((child) => renderSubtree(child, view))];
}

function renderTask(task: Task, view: TreeView): StyledLine {
  const indent = "  ".repeat(task.depth - 1);
  const symbol = task.end ? SYMBOLS[task.end.outcome] : spinner(view.nowMs);
  const details = `  ${detailsOf(task, view.nowMs).join(", ")}`;
  const room = Math.max(Math.floor(view.columns / 2), view.columns - widthOf(details));
  const title = fit(`${indent}${symbol} ${toOneLine(task.title)}`, room);
  const detail = fit(details, view.columns - widthOf(title));
  const lead = indent.length + symbol.length;
  return [
    { text: title.slice(0, lead), style: styleOf(task.end?.outcome) },
    { text: title.slice(lead), style: task.end?.outcome === "failed" ? "bad" : "plain" },
    { text: detail, style: "dim" },
  ];
}

function spinner(nowMs: number): string {
  return SPINNER[Math.floor(nowMs / SPINNER_MS) % SPINNER.length] ?? "";
}

function styleOf(outcome: Outcome | undefined): Style {
  if (outcome === undefined) return "busy";
  if (outcome === "failed") return "bad";
  return outcome === "done" ? "good" : "dim";
}

function detailsOf(task: Task, nowMs: number): string[] {
  if (task.end) {
    const note = task.end.note === undefined ? [] : [toOneLine(task.end.note)];
    return task.end.outcome === "cached" ? ["nothing to do", ...note] : [renderDuration(task.end.elapsedMs), ...note];
  }
  const details = [renderElapsed(nowMs - task.startedMs)];
  if (task.children.length > 0) details.unshift(`${countEnded(task.children)}/${task.children.length}`);
  const bytes = bytesOf(task);
  if (bytes) details.unshift(renderBytes(bytes));
  if (task.lastLine !== undefined && task.children.length === 0) details.push(toOneLine(task.lastLine));
  return details;
}

/** Its own progress, else the sum of what its children have reported. */
function bytesOf(task: Task): { current: number; total: number | undefined } | undefined {
  if (task.progress) return task.progress;
  let sum: { current: number; total: number | undefined } | undefined;
  for (const child of task.children) {
    const part = bytesOf(child);
    if (!part) continue;
    const total = part.total === undefined || (sum && sum.total === undefined) ? undefined : part.total;
    sum = {
      current: (sum?.current ?? 0) + part.current,
      total: total === undefined ? undefined : (sum?.total ?? 0) + total,
    };
  }
  return sum;
}

function renderBytes({ current, total }: { current: number; total: number | undefined }): string {
  return total === undefined ? renderSize(current) : `${renderSize(current)} of ${renderSize(total)}`;
}

/** Whole seconds: tenths would flicker. */
function renderElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds} s` : renderDuration(seconds * 1000);
}

function countEnded(tasks: readonly Task[]): number {
  return tasks.filter(({ end }) => end !== undefined).length;
}
