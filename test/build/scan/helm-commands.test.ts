import { expect, test } from "vitest";

import { backgroundContext } from "../../../src/base/context.ts";
import { findHelmCommands } from "../../../src/build/scan/helm-commands.ts";
import { scanContext } from "../../../src/build/scan/scan-context.ts";
import { readShell } from "../../../src/build/scan/shell-lines.ts";
import { treeOf } from "../../support/memory-tree.ts";

test.each<[text: string, commands: readonly (readonly string[])[]]>([
  ["a 'b c' \"d $X\" $Y # e", [["a", "b c", "d x", "y", "z"]]],
  ["a && b; c | d", [["a"], ["b"], ["c"], ["d"]]],
  ["a \\\n  b", [["a", "b"]]],
  ["V=${X:-n}\nexport W='p q'\na $V \"$W\"", [["a", "x", "p q"]]],
  ["a $(X) $(date)", [["a", "x", "$(date)"]]],
  ["a 'b\nc", [["c"]]],
  ["if a; then b; fi", [["if", "a"], ["b"], ["fi"]]],
])("readShell() reads %j", (text, commands) => {
  expect(readShell(text, { X: "x", Y: "y z" })).toEqual(commands);
});

const SETTINGS = {
  environment: { NAME: "web", OPTS: "--set a=b --wait" },
  commands: ["cp a b", "helm upgrade -i $(NAME) ./charts/web/ -n ns --create-namespace -f charts/v.yaml $(OPTS)"],
};

test("findHelmCommands() reads what a command line sets", () => {
  expect(findHelmCommands(treeOf({}), SETTINGS)).toEqual([
    {
      chart: "charts/web",
      release: "web",
      namespace: "ns",
      files: ["charts/v.yaml"],
      set: ["a=b"],
      setString: [],
      setJson: [],
      setLiteral: [],
    },
  ]);
});

test("findHelmCommands() follows a script that the image calls", () => {
  const script =
    'set -e\nCHART=${CHART:-"./charts/web"}\nhelm upgrade --install web $CHART \\\n  --set-string=tag=1 --set a=b,c=d\n';
  const found = findHelmCommands(treeOf({ "entrypoint.sh": script }), {
    environment: {},
    commands: ["bash ./entrypoint.sh"],
  });
  expect(found).toMatchObject([{ chart: "charts/web", set: ["a=b,c=d"], setString: ["tag=1"] }]);
});

test("scanContext() finds the images that a helm command of the image turns on", async () => {
  const context = treeOf({
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/values.yaml": "image: a:1\nextra: {enabled: false, image: b:1}\n",
    "charts/web/templates/a.yaml":
      "image: {{ .Values.image }}\n---\n{{ if .Values.extra.enabled }}\nimage: {{ .Values.extra.image }}\n{{ end }}\n",
    "site.yaml": "extra: {image: c:2}\n",
  });
  const { images, notes } = await scanContext(backgroundContext(), context, {
    environment: {},
    commands: ["helm install web charts/web* -f site.yaml --set extra.enabled=true"],
  });
  expect(notes).toEqual([]);
  expect(images).toEqual([
    expect.objectContaining({ name: "docker.io/library/a:1" }),
    expect.objectContaining({
      name: "docker.io/library/c:2",
      places: [
        {
          file: "charts/web/templates/a.yaml",
          line: 4,
          chart: "web",
          values: { file: "site.yaml", line: 1 },
        },
      ],
    }),
  ]);
});
