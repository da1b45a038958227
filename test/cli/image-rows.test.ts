import { expect, test } from "vitest";

import type { ImageSummary } from "../../src/actions/list-images.ts";
import { renderRowsTable, toDocuments, toRows } from "../../src/cli/image-rows.ts";
import { parseDigest } from "../../src/oci/digest.ts";

const DAY_MS = 86_400_000;
const options = { isTruncated: true, now: new Date(10 * DAY_MS) };
const named: ImageSummary = {
  id: parseDigest(`sha256:${"1a".repeat(32)}`),
  digest: parseDigest(`sha256:${"2b".repeat(32)}`),
  names: ["localhost/kubernetes:v1.36.3", "registry.example.com:5000/k8s:v1"],
  created: new Date(7 * DAY_MS),
  sizeBytes: 607_000_000,
  labels: {},
  platform: { os: "linux", architecture: "amd64" },
  isIndex: false,
};
const nameless: ImageSummary = { ...named, names: [], created: undefined, sizeBytes: 512 };

test("renderRowsTable() has a row for each name and one for an image without any", () => {
  const text = renderRowsTable(toRows([named, nameless], options), { digests: false, heading: true });
  expect(text.split("\n")).toEqual([
    "REPOSITORY                     TAG      IMAGE ID      CREATED     SIZE",
    "localhost/kubernetes           v1.36.3  1a1a1a1a1a1a  3 days ago  607 MB",
    "registry.example.com:5000/k8s  v1       1a1a1a1a1a1a  3 days ago  607 MB",
    "<none>                         <none>   1a1a1a1a1a1a  N/A         512 B",
  ]);
});

test("toDocuments() has the keys that scripts read", () => {
  expect(toDocuments([named], { ...options, isTruncated: false })).toEqual([
    {
      id: `sha256:${"1a".repeat(32)}`,
      names: ["localhost/kubernetes:v1.36.3", "registry.example.com:5000/k8s:v1"],
      digest: `sha256:${"2b".repeat(32)}`,
      createdat: "3 days ago",
      size: "607 MB",
      created: 604_800,
      createdatraw: "1970-01-08T00:00:00Z",
      readonly: false,
      history: [],
    },
  ]);
});
