import { findClosest } from "../../base/text.ts";
import type { Report } from "../diagnostic.ts";
import type { Directive } from "../directive.ts";
import { isLintRule, LINT_RULES } from "./rule-table.ts";

/** What `# check=` says at the top of a file. */
export interface CheckSettings {
  /** Rules that are left out. */
  readonly skips: (rule: string) => boolean;
  /** Warnings are errors. */
  readonly isStrict: boolean;
}

/** Reads `skip=RULE,…` or `skip=all`, `error=true` and `experimental=…`, with semicolons between them. */
export function readCheckSettings(directives: readonly Directive[], report: Report): CheckSettings {
  const directive = directives.find(({ name }) => name === "check");
  const settings = new Map((directive?.value ?? "").split(";").map((setting) => splitSetting(setting)));
  const skipped = (settings.get("skip") ?? "").split(",").map((name) => name.trim());
  if (directive) reportUnknown(directive, { settings, skipped, report });
  return {
    skips: (rule) => skipped.includes("all") || skipped.includes(rule),
    isStrict: settings.get("error") === "true",
  };
}

function splitSetting(text: string): [string, string] {
  const [name = "", ...value] = text.split("=");
  return [name.trim().toLowerCase(), value.join("=").trim()];
}

interface ReadSettings {
  readonly settings: ReadonlyMap<string, string>;
  readonly skipped: readonly string[];
  readonly report: Report;
}

/** BuildKit has more rules: one that is unknown here is no error. */
function reportUnknown({ span }: Directive, { settings, skipped, report }: ReadSettings): void {
  const wrong = [...settings.keys()].filter((name) => !["", "skip", "error", "experimental"].includes(name));
  for (const name of wrong) {
    report(span, {
      code: "INVALID_DIRECTIVE",
      severity: "warning",
      message: `"${name}" is no setting of check`,
      hint: "Write # check=skip=RULE;error=true",
    });
  }
  for (const name of skipped.filter((each) => each !== "" && each !== "all" && !isLintRule(each))) {
    const closest = findClosest(name, Object.keys(LINT_RULES));
    if (closest === undefined) continue;
    report(span, {
      code: "INVALID_DIRECTIVE",
      severity: "warning",
      message: `There is no rule "${name}"`,
      hint: `Did you mean ${closest}?`,
    });
  }
}
