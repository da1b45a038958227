import { expect, test } from "vitest";

import { parseClusterfile } from "../../../src/cluster/clusterfile/parse.ts";
import { renderClusterfileTemplate } from "../../../src/cluster/clusterfile/render-template.ts";
import type { GoMap } from "../../../src/templates/value/value.ts";

const TEMPLATE = `apiVersion: apps.sealos.io/v1beta1
kind: Cluster
metadata:
  name: {{ .Values.name }}
spec:
  image:
    - localhost/kubernetes:{{ env "VERSION" | default "v1.35.4" }}
  hosts:
    - ips: {{ .Values.masters | toJson }}
      roles: [master]
`;

function values(entries: Readonly<Record<string, unknown>>): GoMap {
  return new Map(Object.entries(entries).map(([key, value]) => [key, Array.isArray(value) ? value : String(value)]));
}

test("renderClusterfileTemplate() fills in values and the environment it is given", () => {
  const text = renderClusterfileTemplate(TEMPLATE, "Clusterfile", {
    values: values({ name: "blue", masters: ["10.0.0.1", "10.0.0.2"] }),
    environment: { VERSION: "v1.36.3" },
  });
  const { cluster } = parseClusterfile(text, "Clusterfile");
  expect(cluster.name).toBe("blue");
  expect(cluster.images).toEqual(["localhost/kubernetes:v1.36.3"]);
  expect(cluster.hosts.map(({ address }) => address)).toEqual(["10.0.0.1", "10.0.0.2"]);
});

test("renderClusterfileTemplate() leaves text alone when it has no action", () => {
  const text = "kind: Cluster # <no value> }}\n";
  expect(renderClusterfileTemplate(text, "Clusterfile", { values: new Map(), environment: {} })).toBe(text);
});

test.each([
  [TEMPLATE, 'Cannot render Clusterfile "Clusterfile": a value is missing in line 4 of the result'],
  ["a\n{{ .Values.a", "template: Clusterfile:2: unclosed action"],
  ['a\n{{ fail "no hosts" }}', "Clusterfile:2:3: executing"],
])("renderClusterfileTemplate() says where %j fails", (text, message) => {
  const render = () => renderClusterfileTemplate(text, "Clusterfile", { values: new Map(), environment: {} });
  expect(render).toThrow(message);
});
