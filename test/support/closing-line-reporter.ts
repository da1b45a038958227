import type { Reporter, TestModule } from "vitest/node";

/** Prints the counts of a run as one last line: `12 passed, 0 failed`. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length;
    const count = (state: string): number => states.filter((other) => other === state).length;
    const skipped = count("skipped");
    const line = `${count("passed")} passed, ${count("failed") + broken} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
    process.on("exit", () => process.stdout.write(`${line}\n`));
  }
}
