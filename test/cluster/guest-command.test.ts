import { expect, test } from "vitest";

import { expandVariables, guestLines } from "../../src/cluster/guest-command.ts";

const ENV = { NAME: "web", NODE_IP: "10.0.0.1", policy: "a b", EMPTY: "" };

test.each([
  ["helm upgrade -i $(NAME) charts/$(NAME)", "helm upgrade -i web charts/web"],
  ["--set url='https://$(NODE_IP):80'", "--set url='https://10.0.0.1:80'"],
  ["--values $(policy).yaml", "--values a b.yaml"],
  ["bash x.sh $NAME ${NAME}", "bash x.sh web web"],
  ["echo $$HOME", "echo $HOME"],
  ["echo $HOME $(date) ${X:-d} $1", "echo $HOME $(date) ${X:-d} $1"],
  ["echo [$EMPTY]", "echo []"],
])("expandVariables() turns %j into %j", (line, expected) => {
  expect(expandVariables(line, ENV)).toBe(expected);
});

test("guestLines() drops the words of a shell form and runs ENTRYPOINT first", () => {
  expect(guestLines(["/bin/sh", "-c", "a && b"], ["c d", "e"])).toEqual(["a && b", "c d", "e"]);
});
