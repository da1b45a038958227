import { expect, test } from "vitest";

import { lintKubefile } from "../../../src/kubefile/lint/lint-kubefile.ts";
import { LINT_RULES } from "../../../src/kubefile/lint/rule-table.ts";
import { readKubefile } from "../../../src/kubefile/parse.ts";

/** `line:column RULE`, in the order of the file. */
function findingsOf(text: string): string[] {
  return lintKubefile(readKubefile(text, "Kubefile"))
    .toSorted((a, b) => a.span.start - b.span.start)
    .map(({ start, code }) => `${start.line}:${start.column} ${code}`);
}

test.each<[text: string, ...findings: string[]]>([
  ["FROM scratch\n"],
  ["FROM scratch AS a\nFROM scratch AS a\nCOPY --from=a x y\nFROM a\n", "2:17 DuplicateStageName"],
  ["FROM a:1 AS scratch\nFROM scratch\nCOPY --from=0 x y\n", "1:13 ReservedStageName"],
  ["FROM scratch AS a\nFROM scratch AS b\nRUN --mount=type=bind,from=a,target=/a x\nFROM b\n"],
  ["FROM --platform=linux/amd64 a:1\n", "1:6 FromPlatformFlagConstDisallowed"],
  ["FROM --platform=$BUILDPLATFORM a:1\n"],
  ["FROM --platform=${TARGETPLATFORM} a:1\n", "1:6 RedundantTargetPlatform"],
  ["FROM scratch\nCMD kubectl apply\n", "2:1 JSONArgsRecommended"],
  ['FROM scratch\nCMD ["kubectl apply"]\n'],
  ["FROM scratch\nENV A b c\nLABEL d e\nENV F= G=1\n", "2:1 LegacyKeyValueFormat", "3:1 LegacyKeyValueFormat"],
  ["FROM scratch\nMAINTAINER me\n", "2:1 MaintainerDeprecated"],
  ["FROM scratch\nWORKDIR a\nWORKDIR b\n", "2:9 WorkdirRelativePath"],
  ["FROM scratch\nWORKDIR /a\nWORKDIR b\n"],
  [
    "FROM scratch\nENV DB_PASSWORD=x MONKEY=1 PUBLIC_KEY=2\nARG token=a\nENV SECRET= AUTH=$token\n",
    "2:5 SecretsUsedInArgOrEnv",
    "3:5 SecretsUsedInArgOrEnv",
  ],
  ["ARG V=1\nFROM a:$V\nFROM b:${W:-1}\nCOPY --from=0 x y\nFROM c:$VV\nCOPY --from=1 x y\n", "5:8 UndefinedArgInFrom"],
  ["FROM scratch\nARG A\nCOPY $A/$B ${C:-c}/$PATH\nLABEL l=\\$x\n", "3:9 UndefinedVar"],
  ["FROM scratch AS a\nENV A=1\nFROM a\nCOPY $A /x\n"],
  ["FROM a:1\nENV VERSION=1\nCOPY $VERSON $OTHER /x\n", "3:6 UndefinedVar"],
  ["# check=skip=JSONArgsRecommended,UnusedStage\nFROM scratch\nFROM scratch\nCMD x\n"],
  ["# check=skip=all\nFROM scratch\nMAINTAINER x\n"],
  ["# check=skip=UnusedStag;eror=true\nFROM scratch\n", "1:1 INVALID_DIRECTIVE", "1:1 INVALID_DIRECTIVE"],
])("lintKubefile() finds in %j what is probably not meant", (text, ...findings) => {
  expect(findingsOf(text).toSorted()).toEqual(findings.toSorted());
});

const severities = (text: string, isStrict = false) =>
  lintKubefile(readKubefile(text, "Kubefile"), { isStrict }).map(({ severity }) => severity);

test("lintKubefile() takes warnings for errors when the file or the caller says so", () => {
  expect(severities("FROM scratch\nCMD x\n")).toEqual(["warning"]);
  expect(severities("FROM scratch\nCMD x\n", true)).toEqual(["error"]);
  expect(severities("# check=error=true\nFROM scratch\nCMD x\n")).toEqual(["error"]);
});

const PURE = Object.entries(LINT_RULES).filter(
  ([name]) =>
    ![
      "CmdImageNotCached",
      "CmdUnknownVariable",
      "CopyIgnoredFile",
      "ScannedFolderRenamed",
      "ScriptNotExecutable",
      "UnpinnedImage",
    ].includes(name),
);

const codesOf = (text: string) =>
  findingsOf(text.startsWith("FROM") || text.startsWith("ARG") ? text : `FROM scratch\n${text}`);

test.each(PURE)("%s finds its own bad example and not its good one", (name, { bad, good }) => {
  expect(codesOf(bad).join(" ")).toContain(name);
  expect(codesOf(good).join(" ")).not.toContain(name);
});
