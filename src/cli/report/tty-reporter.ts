import { renderFinished, renderRunning, type Style, type StyledLine, type TreeView } from "./render-tree.ts";
import type { Reporter, ReportOptions } from "./reporter.ts";
import { TaskTree } from "./task-tree.ts";
import { fit, toOneLine, widthOf } from "./terminal-text.ts";

const REDRAW_MS = 100;
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
/** The terminal shows what is between these at once. https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036 */
const BEGIN_FRAME = "\u001b[?2026h";
const END_FRAME = "\u001b[?2026l";
const CLEAR_BELOW = "\u001b[J";
const COLORS: Readonly<Record<Style, string>> = { good: "32", bad: "31", busy: "36", dim: "2", plain: "" };

/** A tree of what runs, redrawn in place; phases that have ended stay above it as one line each. */
export function ttyReporter({ stream, nowMs, hasColor, showsOutput }: ReportOptions): Reporter {
  const tree = new TaskTree();
  let drawn: readonly StyledLine[] = [];
  let pending: StyledLine[] = [];
  let timer: NodeJS.Timeout | undefined;

  function view(): TreeView {
    // The last column stays free: a terminal that is written full wraps at different times.
    return { columns: (stream.columns ?? 80) - 1, rows: (stream.rows ?? 24) - 1, nowMs: nowMs() };
  }

  function draw(): void {
    const now = view();
    const finished = tree.takeFinishedRoots().flatMap((task) => renderFinished(task, now));
    const running = renderRunning(tree.roots, now);
    const text = [...pending, ...finished, ...running].map((line) => `${paint(line, hasColor)}\n`).join("");
    const up = rowsOf(drawn, stream.columns ?? 80);
    stream.write(`${BEGIN_FRAME}${HIDE_CURSOR}${up > 0 ? `\u001b[${up}A` : ""}\r${CLEAR_BELOW}${text}${END_FRAME}`);
    drawn = running;
    pending = [];
  }

  return {
    listener: (event) => {
      const task = tree.apply(event, nowMs());
      if (showsOutput && task && event.type === "output") {
        pending.push([{ text: fit(toOneLine(`${task.title} │ ${event.line}`), view().columns), style: "dim" }]);
      }
      // A command that is quicker than the first frame draws nothing.
      timer ??= setInterval(draw, REDRAW_MS).unref();
    },
    close: () => {
      if (timer === undefined) return;
      clearInterval(timer);
      draw();
      stream.write(SHOW_CURSOR);
    },
  };
}

/** How many rows drawn lines take now: a terminal that became narrower has wrapped them. */
function rowsOf(lines: readonly StyledLine[], columns: number): number {
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(lineWidth(line) / columns)), 0);
}

function lineWidth(line: StyledLine): number {
  return line.reduce((width, { text }) => width + widthOf(text), 0);
}

function paint(line: StyledLine, hasColor: boolean): string {
  return line
    .map(({ text, style }) => (hasColor && COLORS[style] !== "" ? `\u001b[${COLORS[style]}m${text}\u001b[0m` : text))
    .join("");
}
