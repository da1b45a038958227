import { expect, test } from "vitest";

import { Progress } from "../../../src/base/progress.ts";
import { renderFinished, renderRunning } from "../../../src/cli/report/render-tree.ts";
import { TaskTree } from "../../../src/cli/report/task-tree.ts";
import { fit, widthOf } from "../../../src/cli/report/terminal-text.ts";

function record(work: (progress: Progress) => void): TaskTree {
  const tree = new TaskTree();
  work(
    Progress.root(
      (event) => tree.apply(event, 0),
      () => 0,
    ),
  );
  return tree;
}

function textOf(lines: readonly (readonly { readonly text: string }[])[]): string[] {
  return lines.map((line) => line.map(({ text }) => text).join(""));
}

const view = { columns: 40, rows: 4, nowMs: 0 };

test("renderRunning() shows running and failed tasks and counts the others", () => {
  const tree = record((progress) => {
    const phase = progress.start("Join");
    phase.start("a").finish();
    phase.start("b").finish("failed");
    phase.start("c").output("waiting for the kubelet");
  });
  expect(textOf(renderRunning(tree.roots, view))).toEqual([
    "⠋ Join  2/3, 0 s",
    "  ✗ b  0 ms",
    "  ⠋ c  0 s, waiting for the kubelet",
  ]);
});

test("renderRunning() fits into the rows and columns of the terminal", () => {
  const tree = record((progress) => {
    for (const host of ["one", "two", "three", "four", "five with a name that is longer than the row"]) {
      progress.start(host);
    }
  });
  expect(textOf(renderRunning(tree.roots, view))).toEqual(["⠋ one  0 s", "⠋ two  0 s", "⠋ three  0 s", "  … 2 more"]);
  const lines = textOf(renderRunning(tree.roots, { ...view, rows: 9 }));
  expect(lines.at(-1)).toBe("⠋ five with a name that is longer …  0 s");
});

test("renderRunning() neutralises control characters and line breaks", () => {
  const tree = record((progress) => progress.start("a\u001b[2J\nb").output("x\ty"));
  expect(textOf(renderRunning(tree.roots, view))).toEqual(["⠋ a\\x1b[2J b  0 s, x y"]);
});

test("renderFinished() keeps the failed tasks below an ended one", () => {
  const tree = record((progress) => {
    const phase = progress.start("Join");
    phase.start("a").finish();
    phase.start("b").finish("failed");
    phase.finish("failed");
  });
  expect(tree.takeFinishedRoots().flatMap((task) => textOf(renderFinished(task, view)))).toEqual([
    "✗ Join  0 ms",
    "  ✗ b  0 ms",
  ]);
  expect(tree.roots).toEqual([]);
});

test("widthOf() counts columns: wide characters two, combining ones none", () => {
  expect(["abc", "控制", "e\u0301", "✓", "🚀"].map(widthOf)).toEqual([3, 4, 1, 1, 2]);
});

test("fit() cuts at a column and says so", () => {
  expect(fit("abcdef", 6)).toBe("abcdef");
  expect(fit("abcdef", 4)).toBe("abc…");
  expect(fit("控制平面", 5)).toBe("控制…");
  expect(fit("abc", 0)).toBe("");
});
