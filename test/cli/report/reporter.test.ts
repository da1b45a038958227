import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Progress } from "../../../src/base/progress.ts";
import { createReporter, type ReportMode } from "../../../src/cli/report/reporter.ts";

let nowMs = 0;
let written = "";

beforeEach(() => {
  nowMs = 0;
  written = "";
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(mode: ReportMode, options: { isTTY?: boolean; showsOutput?: boolean; canRedraw?: boolean } = {}) {
  const stream = { write: (text: string) => (written += text), isTTY: options.isTTY ?? false, columns: 60, rows: 10 };
  const { showsOutput = false, canRedraw = true } = options;
  const reporter = createReporter(mode, { stream, nowMs: () => nowMs, hasColor: false, canRedraw, showsOutput });
  return { reporter, progress: Progress.root(reporter.listener, () => nowMs) };
}

/** A phase on two hosts: one sends a file, the other has nothing to do. */
function perform(progress: Progress): void {
  const phase = progress.start("Send files");
  const [first, second] = [phase.start("10.0.0.1"), phase.start("10.0.0.2")];
  const file = first.start("kubelet");
  file.advance(5, 10);
  first.output("\u001b[31mred\r");
  nowMs = 1500;
  file.finish();
  first.note("10 MB");
  first.finish();
  second.mark("cached");
  second.finish();
  phase.finish();
}

test("plain reporter writes a line when a phase or host starts and ends, and none for files", () => {
  perform(start("plain").progress);
  expect(written.split("\n")).toEqual([
    "Send files ...",
    "  10.0.0.1 ...",
    "  10.0.0.2 ...",
    "  10.0.0.1: done in 1.5 s, 10 MB",
    "  10.0.0.2: nothing to do in 1.5 s",
    "Send files: done in 1.5 s",
    "",
  ]);
});

test("plain reporter shows output without control characters when it is told to", () => {
  perform(start("plain", { showsOutput: true }).progress);
  expect(written).toContain("\n  10.0.0.1 | \\x1b[31mred\n");
});

test("json reporter writes one object a line", () => {
  perform(start("json").progress);
  const events = written
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(events[0]).toEqual({ type: "started", id: 1, title: "Send files" });
  expect(events.at(-1)).toEqual({ type: "finished", id: 1, outcome: "done", elapsedMs: 1500 });
});

test("none writes nothing", () => {
  perform(start("none").progress);
  expect(written).toBe("");
});

test("auto is a tree on a terminal and lines elsewhere", () => {
  perform(start("auto").progress);
  expect(written).toContain("Send files ...");
  written = "";
  perform(start("auto", { isTTY: true, canRedraw: false }).progress);
  expect(written).toContain("Send files ...");
  written = "";
  perform(start("auto", { isTTY: true }).progress);
  expect(written).toBe("");
});

test("tty reporter redraws what runs in place and leaves ended phases behind", () => {
  const { reporter, progress } = start("tty");
  const phase = progress.start("Send files");
  const host = phase.start("10.0.0.1");
  host.advance(5_000_000, 10_000_000);
  vi.advanceTimersByTime(100);
  expect(written).toBe(
    "\u001b[?2026h\u001b[?25l\r\u001b[J⠋ Send files  5 MB of 10 MB, 0/1, 0 s\n  ⠋ 10.0.0.1  5 MB of 10 MB, 0 s\n\u001b[?2026l",
  );
  written = "";
  nowMs = 2000;
  host.finish();
  phase.finish();
  reporter.close();
  expect(written).toBe("\u001b[?2026h\u001b[?25l\u001b[2A\r\u001b[J✓ Send files  2.0 s\n\u001b[?2026l\u001b[?25h");
});

test("tty reporter draws nothing for a command without progress and keeps the process alive for nothing", () => {
  const { reporter } = start("tty");
  vi.advanceTimersByTime(1000);
  reporter.close();
  expect(written).toBe("");
  expect(vi.getTimerCount()).toBe(0);
});
